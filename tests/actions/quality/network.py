"""A small network: three areas of two regions, lines in each, and a plan of notices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.receive import receive
from amends.network.quality.actions.plan_notices import NoticeTexts, approve_plan, draft_plan
from amends.network.quality.models import NetworkCell, NoticePlan
from amends.people.access.actions.add_user import add_user
from amends.people.access.queries.staff import actor_of_user
from amends.people.subscribers.actions.open_services import NewService, open_services
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.record.catalogue.actions.define_areas import define_areas
from amends.record.catalogue.actions.publish_offers import NewOffer, publish_offers
from amends.record.catalogue.queries import AreaView

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
"""Ten in the morning in China."""
BORN = NOW - timedelta(days=400)
TEXTS = NoticeTexts(
    "{area}自{since}起宽带故障，正在抢修，费用自动减免，不用投诉。",
    "Broadband in {area} has been down since {since}. Your fee is reduced without asking.",
    "{area}的故障已于{until}修复。",
    "The fault in {area} was repaired on {until}.",
)


def small_network(*, lines: int = 4) -> dict[str, list[str]]:
    """Area → pseudonyms of those with a fibre line there."""
    define_areas(
        [
            AreaView("north", "北区", "North", "", "11", 0),
            AreaView("south", "南区", "South", "", "44", 0),
            AreaView("n1", "北一", "North One", "north", "11", 0),
            AreaView("n2", "北二", "North Two", "north", "11", 0),
            AreaView("s1", "南一", "South One", "south", "44", 0),
        ]
    )
    publish_offers(
        [
            NewOffer(
                ref="fibre-300",
                version="1",
                kind="broadband",
                name_zh="光速300",
                name_en="Fibre 300",
                price_minor=9_000,
                currency="CNY",
                valid_from=BORN,
            )
        ]
    )
    return {
        area: [new_line(area, number) for number in range(lines)] for area in ("n1", "n2", "s1")
    }


def new_line(area: str, number: int) -> str:
    """Somebody with a fibre line in an area."""
    place = ("n1", "n2", "s1").index(area)
    person = register(
        NewSubscriber(
            name="用户",
            phone=f"139{place:02d}{number:06d}",
            province="11",
            area=area,
            language="zh-hans" if number % 2 == 0 else "en",
        ),
        now=BORN,
    )
    open_services(
        [
            NewService(
                ref=f"line-{area}-{number}",
                subscriber=person,
                kind="broadband",
                offer="fibre-300",
                offer_version="1",
                area=area,
                started_at=BORN,
            )
        ]
    )
    return person


def cells(area: str, number: int = 2) -> list[str]:
    """Cells of an area, known for a long time."""
    names = [f"{area}-c{one}" for one in range(number)]
    NetworkCell.objects.bulk_create(
        NetworkCell(code=name, area=area, technology="fibre", since=BORN) for name in names
    )
    return names


def approved_plan(*, cap: int = 1000, brand: str = "") -> NoticePlan:
    """A plan of notices that two people approved."""
    people = [
        actor_of_user(
            add_user(
                f"p{number}.{brand}", password="Kq7!vz-2mLw-09x", roles=["manager"], brand=brand
            )
        )
        for number in range(3)
    ]
    plan = draft_plan(
        TEXTS,
        kinds=["outage", "degraded", "congestion"],
        cap=cap,
        least_minutes=0,
        actor=people[0],
        now=NOW,
    )
    for person in people[1:]:
        plan = approve_plan(plan.id, actor=person, now=NOW)
    return plan


def complain_of_line(
    area: str, number: int, at: datetime, text: str = "家里宽带断网了，上不了网，快来修！"
) -> str:
    """A complaint of somebody with a line that it is down."""
    place = ("n1", "n2", "s1").index(area)
    said = Submission(
        channel="app",
        key=f"{area}-{number}-{at.isoformat()}",
        text=text,
        received_at=at,
        phone=f"139{place:02d}{number:06d}",
        identity="operator_login",
    )
    return receive(said, now=at).complaint
