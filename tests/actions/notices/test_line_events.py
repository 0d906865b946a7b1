"""Top-ups, balances and changes of plan from a file, and from orders carried out, to the notice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from actions.confirmations.conftest import NOW as ORDERED
from actions.confirmations.conftest import Shop
from actions.confirmations.conftest import shop as shop
from amends.causes.confirmations.actions.answer import answer_code
from amends.causes.notices.actions.enrol import NewLines, enrol
from amends.causes.notices.actions.import_events import import_events
from amends.causes.notices.actions.record_changes import apply_executed_orders
from amends.causes.notices.actions.record_events import NewEvent, record_events
from amends.causes.notices.engine_models import LineChange
from amends.causes.notices.models import LifeEvent, Notice
from amends.engines.metering.engine.marks import MeteringPlan
from amends.platform.kit.errors import BadInput
from tests.actions.notices import engine_feed as feed
from tests.rules.notices import engine_world as world

pytestmark = pytest.mark.django_db
HEAD = "ref,kind,subscriber,service,happens_at,offer,amount_mb,amount_minor"


def use(place: Path, day: float, service: str, mb: int = 0, charge: int = 0) -> None:
    name = f"{service}-{day}"
    table = pa.table(
        {
            "record": [name],
            "service": [service],
            "kind": ["data"],
            "amount": [mb * world.MB],
            "at_ms": [world.START_MS + round(day * world.DAY)],
            "charge_minor": [charge],
            "country": [""],
        }
    )
    feed.count(
        feed.parquet(place / f"{name}.parquet", table), now=world.START + timedelta(days=day + 1)
    )


def document(duty: str) -> list[tuple[str, str]]:
    rows = Notice.objects.filter(duty=duty).order_by("id")
    return list(rows.values_list("step", "period"))


def from_file(place: Path, *rows: str, name: str = "events.csv"):
    path = place / name
    path.write_text("\n".join((HEAD, *rows)) + "\n", encoding="utf-8")
    return import_events(path, rejects=place / "rejects.csv", now=world.START)


def test_top_up_balance_and_plan_of_a_file_arm_by_their_own_keys(tmp_path: Path) -> None:
    feed.enrol_lines()
    use(tmp_path, 6, "svc-0", mb=100)
    use(tmp_path, 6, "svc-1", charge=7_500)
    assert ("100%", "2026-04-01/data") in document("reached")
    assert document("balance") == [("low", "2026-03-31")]
    day7 = "2026-04-03T00:00+00:00"
    report = from_file(
        tmp_path,
        f"top-1,top_up,person-0,svc-0,{day7},,100,",
        f"paid-1,top_up,person-1,svc-1,{day7},,,5000",
        f"plan-4,plan_change,person-4,svc-4,{day7},plain,,",
        f"top-1,top_up,person-0,svc-0,{day7},,100,",
    )
    assert (report.read, report.accepted, report.duplicates, report.rejected) == (4, 3, 1, 0)
    assert not LifeEvent.objects.exists()
    use(tmp_path, 8, "svc-0", mb=100)
    use(tmp_path, 8, "svc-1", charge=4_900)
    use(tmp_path, 8, "svc-4", mb=80)
    assert ("100%", "2026-04-01+top-1/data") in document("reached")
    assert document("balance")[1] == ("low", "2026-03-31+paid-1")
    assert Notice.objects.filter(service="svc-4", step="80%", duty="near").count() == 1
    again = from_file(tmp_path, f"top-1,top_up,person-0,svc-0,{day7},,100,", name="again.csv")
    assert (again.accepted, again.duplicates) == (0, 1)


def test_what_cannot_be_used_is_set_aside_with_its_reason(tmp_path: Path) -> None:
    feed.enrol_lines()
    at = "2026-04-03T00:00+00:00"
    report = from_file(
        tmp_path,
        f"a,top_up,p,svc-0,{at},,,",
        f"b,top_up,p,svc-0,{at},,1,1",
        f"c,top_up,p,svc-0,{at},,0,",
        f"d,plan_change,p,svc-0,{at},,,",
        f"e,plan_change,p,svc-0,{at},unheard,,",
        f"f,top_up,p,svc-99,{at},,5,",
        f"g,balance,p,svc-0,{at},,5,",
    )
    assert (report.accepted, report.rejected) == (0, 7)
    reasons = (tmp_path / "rejects.csv").read_text(encoding="utf-8-sig")
    for said in (
        "须写一个数量",
        "须大于零",
        "须写明套餐",
        "没有任何号码以套餐",
        "svc-99",
        "余额须写在 amount_minor 中",
    ):
        assert said in reasons
    assert not LineChange.objects.exists()
    with pytest.raises(BadInput, match="not a whole number"):
        record_events(
            [NewEvent("h", "top_up", "p", "svc-0", world.START, "", {"amount_mb": "5"})],
            now=world.START,
        )


def test_a_long_reference_is_recorded_once(tmp_path: Path) -> None:
    feed.enrol_lines()
    event = NewEvent("r" * 64, "top_up", "p", "svc-0", world.START, "", {"amount_mb": 5})
    assert [record_events([event], now=world.START) for _ in range(2)] == [1, 0]
    assert len(LineChange.objects.get().reference) == 40


def test_an_order_carried_out_moves_the_line_to_its_plan(shop: Shop, tmp_path: Path) -> None:
    plans = [
        MeteringPlan("hours", data_bytes=100 * world.MB),
        MeteringPlan("traffic", data_bytes=1000 * world.MB),
    ]
    zones = [("Asia/Shanghai", 1)]
    enrol(
        NewLines([shop.plan, "other"], [shop.person, "x"], [0, 1], [0, 0], plans, zones),
        now=ORDERED,
    )
    order = shop.order(order="change", service=shop.plan, offer="traffic")
    assert apply_executed_orders(now=ORDERED + timedelta(minutes=1)) == 0
    later = ORDERED + timedelta(minutes=2)
    answered = answer_code(order.id, shop.code(), now=later, by=shop.person, channel="sms")
    while answered.outcome != "executed":
        answered = answer_code(order.id, shop.code(), now=later, by=shop.person, channel="sms")
    at = later + timedelta(minutes=1)
    assert [apply_executed_orders(now=at), apply_executed_orders(now=at)] == [1, 0]
    table = pa.table(
        {
            "record": ["r1"],
            "service": [shop.plan],
            "kind": ["data"],
            "amount": [500 * world.MB],
            "at_ms": [round(at.timestamp() * 1000)],
        }
    )
    feed.count(feed.parquet(tmp_path / "u.parquet", table), now=at + timedelta(minutes=1))
    assert document("reached") == []
    assert LineChange.objects.get().plan == "traffic"
