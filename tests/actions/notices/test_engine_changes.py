"""Top-ups, other plans, own marks and consent arm again by a new key; nothing is deleted."""

import json
from datetime import timedelta

import pyarrow as pa
import pytest

from amends.causes.notices.actions.change_line import change_line
from amends.causes.notices.actions.engine_memory import load
from amends.causes.notices.actions.hold import release
from amends.causes.notices.models import Hold, Notice
from amends.causes.notices.queries import is_held
from amends.platform.kit.errors import BadInput
from tests.actions.notices import engine_feed as feed
from tests.rules.notices import engine_world as world

pytestmark = pytest.mark.django_db
DAYS = {"seq": 0}


@pytest.fixture(autouse=True)
def _lines(db):
    feed.enrol_lines()


def use(tmp_path, day, *, service="svc-0", mb=0, charge=0, country="", now_after=0):
    DAYS["seq"] += 1
    table = pa.table(
        {
            "record": [f"r{DAYS['seq']}"],
            "service": [service],
            "at_ms": [world.START_MS + round(day * world.DAY)],
            "kind": ["data"],
            "amount": [mb * world.MB],
            "charge_minor": [charge],
            "country": [country],
        }
    )
    path = feed.parquet(tmp_path / f"{DAYS['seq']}.parquet", table)
    return feed.count(path, now=world.START + timedelta(days=day + 1))


def periods(**wanted):
    return list(Notice.objects.filter(**wanted).order_by("id").values_list("period", flat=True))


def test_a_top_up_arms_the_steps_it_moves_by_a_new_key(tmp_path):
    use(tmp_path, 6, mb=100)
    assert periods(duty="reached", step="100%") == ["2026-04-01/data"]
    change_line(
        "svc-0",
        "top_up",
        reference="top-7",
        counter="data",
        amount=100 * world.MB,
        at=world.START + timedelta(days=7),
    )
    use(tmp_path, 8, mb=10)
    assert periods(duty="reached", step="100%") == ["2026-04-01/data"]
    use(tmp_path, 9, mb=90)
    assert periods(duty="reached", step="100%") == ["2026-04-01/data", "2026-04-01+top-7/data"]
    use(tmp_path, 40, mb=100)
    assert periods(duty="reached", step="100%")[-1] == "2026-05-01/data"
    assert Notice.objects.count() == feed.kept().facts


def test_the_same_top_up_told_twice_counts_once(tmp_path):
    at = world.START + timedelta(days=6)
    document = [
        change_line("svc-0", "top_up", reference="top-1", counter="data", amount=5, at=at)
        for _ in range(2)
    ]
    assert document == [True, False]


def test_a_mark_the_user_chooses_is_told_at_once_it_is_passed(tmp_path):
    use(tmp_path, 6, charge=900)
    assert not periods(duty="cap", step="own")
    change_line("svc-0", "own_mark", reference="p1", amount=500, at=world.START)
    use(tmp_path, 7, charge=1)
    assert len(periods(duty="cap", step="own")) == 1


def test_roaming_stops_at_the_cap_until_consent_and_again_at_the_second(tmp_path):
    use(tmp_path, 6, country="TH", charge=5_000)
    assert Hold.objects.filter(service="svc-0", ended_at_ms=None).count() == 1
    held = use(tmp_path, 7, country="TH", charge=100).as_dict()
    assert held["treatments"] == {"counted_held": 1}
    change_line("svc-0", "consent", reference="yes-1", at=world.START + timedelta(days=7))
    use(tmp_path, 8, country="TH", charge=100)
    first = Hold.objects.get()
    assert (first.ended_by, first.consent) == ("consent", "yes-1")
    use(tmp_path, 9, country="TH", charge=5_000)
    assert Hold.objects.filter(ended_at_ms=None).count() == 1


def test_a_consent_ends_the_hold_it_answers_and_no_other(tmp_path):
    """Two gates in a month: the word given at the first does not open the second."""
    use(tmp_path, 6, country="TH", charge=5_000)
    use(tmp_path, 7, country="TH", charge=6_000)
    first, second = Hold.objects.order_by("id")
    release(
        first.key, subscriber=first.subscriber, channel="sms", now=world.START + timedelta(days=8)
    )
    held = use(tmp_path, 9, country="TH", charge=100).as_dict()
    assert held["treatments"] == {"counted_held": 1}
    standing = Hold.objects.get(ended_at_ms=None)
    assert standing.key == second.key
    assert is_held("svc-0")
    release(
        second.key,
        subscriber=second.subscriber,
        channel="sms",
        now=world.START + timedelta(days=10),
    )
    assert use(tmp_path, 11, country="TH", charge=100).as_dict()["treatments"] == {"counted": 1}
    assert not is_held("svc-0")


def test_a_consent_that_names_no_hold_answers_none_that_came_later(tmp_path):
    use(tmp_path, 6, country="TH", charge=5_000)
    change_line("svc-0", "consent", reference="yes-1", at=world.START + timedelta(days=6.5))
    Hold.objects.create(
        key="later",
        subscriber="person-0",
        service="svc-0",
        duty="gate",
        period="2026-04-01",
        held_at_ms=world.START_MS + 7 * world.DAY,
    )
    use(tmp_path, 8, country="TH", charge=100)
    assert Hold.objects.get(ended_at_ms=None).key == "later"


def test_a_welcome_for_each_arrival_and_none_for_a_border(tmp_path):
    for day, country in ((6, "TH"), (6.1, ""), (6.2, "TH"), (7, "JP"), (7.1, "TH"), (7.2, "JP")):
        use(tmp_path, day, country=country, mb=1)
    assert periods(duty="entry") == ["TH@2026-04-02", "JP@2026-04-03", "TH@2026-04-03"]


def test_a_change_nobody_knows_is_refused():
    with pytest.raises(BadInput, match="There is no change"):
        change_line("svc-0", "wish", reference="x", at=world.START)
    with pytest.raises(BadInput, match="names its counter"):
        change_line("svc-0", "top_up", reference="x", at=world.START)


def balances():
    rows = Notice.objects.filter(duty="balance").order_by("id")
    return [(row.step, row.period, json.loads(row.figures)) for row in rows]


def test_a_balance_is_carried_into_the_next_month_and_armed_again_by_a_top_up(tmp_path):
    use(tmp_path, 6, service="svc-1", charge=7_500)
    use(tmp_path, 20, service="svc-1", charge=100)
    assert balances() == [
        ("low", "2026-03-31", {"counter": "money", "spent_minor": 7_500, "step_minor": 7_001})
    ]
    use(tmp_path, 40, service="svc-1", charge=600)
    assert [step for step, _, _ in balances()] == ["low", "negative"]
    at = world.START + timedelta(days=41)
    change_line("svc-1", "top_up", reference="paid-1", counter="money", amount=5_000, at=at)
    use(tmp_path, 42, service="svc-1", charge=100)
    assert len(balances()) == 2
    use(tmp_path, 43, service="svc-1", charge=4_000)
    assert balances()[2][:2] == ("low", "2026-04-30+paid-1")
    change_line("svc-1", "balance", reference="stands-1", amount=300, at=at)
    use(tmp_path, 44, service="svc-1", charge=301)
    assert balances()[3][:2] == ("negative", "2026-04-30+stands-1")


def test_a_line_without_a_balance_has_one_once_it_is_paid_in(tmp_path):
    use(tmp_path, 6, charge=9_000)
    at = world.START + timedelta(days=7)
    change_line("svc-0", "top_up", reference="paid-1", counter="money", amount=2_000, at=at)
    use(tmp_path, 8, charge=900)
    assert balances() == []
    use(tmp_path, 40, charge=200)
    assert [(step, period) for step, period, _ in balances()] == [("low", "2026-05-01")]


def test_a_change_of_plan_keeps_the_balance_the_mark_and_what_was_bought(tmp_path):
    at = world.START + timedelta(days=7)
    use(tmp_path, 6, service="svc-1", charge=600)
    change_line("svc-1", "own_mark", reference="mine-1", amount=5_000, at=at)
    change_line("svc-1", "top_up", reference="top-1", counter="data", amount=5 * world.MB, at=at)
    change_line("svc-1", "plan", reference="plan-1", plan="plain", at=at)
    use(tmp_path, 8, service="svc-1", mb=104)
    engine = load(jurisdiction="cn", now=world.START, duties=world.DUTIES)
    plan = engine.rules.plans[int(engine.memory.lines.terms["plan"][1])]
    assert (plan.name, plan.data_bytes, plan.own_minor, plan.balance_minor) == (
        "plain",
        105 * world.MB,
        5_000,
        8_000,
    )
    use(tmp_path, 40, service="svc-1", mb=100)
    assert periods(duty="reached", step="100%", service="svc-1") == ["2026-04-30/data"]


def test_a_change_that_holds_later_waits_for_its_time(tmp_path):
    use(tmp_path, 6, mb=1)
    at = world.START + timedelta(days=38)
    change_line("svc-0", "plan", reference="plan-1", plan="prepaid", at=at)
    use(tmp_path, 7, mb=99)
    assert periods(duty="reached", step="100%") == ["2026-04-01/data"]
    use(tmp_path, 39, mb=50)
    assert periods(duty="reached", step="100%")[-1] == "2026-05-01/data"


def test_a_plan_nobody_has_is_refused():
    with pytest.raises(BadInput, match="No line was ever enrolled"):
        change_line("svc-0", "plan", reference="x", plan="unheard", at=world.START)
