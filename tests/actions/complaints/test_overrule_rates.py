"""How often people overrule a rule: each complaint counts by what stands of it."""

from __future__ import annotations

from datetime import timedelta

from tests.actions.complaints.conftest import NOW, PHONE, World

from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.investigate import investigate_many
from amends.cases.complaints.actions.investigate_again import investigate_again
from amends.cases.complaints.actions.overrule import overrule
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.jobs import pipeline
from amends.cases.complaints.models import Decision
from amends.cases.complaints.queries.analytics import complaint_columns
from amends.cases.complaints.queries.corrections import overrules, overrules_by
from amends.platform.kit.actors import Actor

HANDLER = Actor("user", "usr-1", ("handler",))
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def _rates() -> list[tuple[int, int]]:
    found = overrules(since=NOW - DAY)
    parts = overrules_by("channel", since=NOW - DAY, until=NOW + DAY)
    units = [one for rule in parts.values() for one in rule.values()]
    assert units == found, "by unit as on the whole"
    return [(one.decided, one.overruled) for one in found]


def _columns() -> tuple[bool, bool]:
    [columns] = complaint_columns(start=NOW - DAY, end=NOW + DAY)
    return columns["ruled"][0], columns["overruled"][0]


def _overrule(ref: str, after: int) -> None:
    overrule(
        ref,
        verdict="not_upheld",
        amount_minor=0,
        currency="",
        reason="The recording shows that he ordered it.",
        customer_text="The recording shows that he ordered it.",
        actor=HANDLER,
        now=NOW + after * MINUTE,
    )


def test_what_reading_the_records_again_replaced_counts_no_more(world: World) -> None:
    said = Submission(
        channel="app",
        key="k-1",
        received_at=NOW,
        phone=PHONE,
        identity="operator_login",
        text="每月扣我10块钱彩铃费，我从来没有订过彩铃，请退钱！",
    )
    ref = receive(said, now=NOW).complaint
    pipeline.acknowledge_waiting(now=NOW)
    investigate_many([ref], actor=pipeline.DESK, now=NOW)
    assert _rates() == [(1, 0)]
    _overrule(ref, 1)
    assert _rates() == [(1, 1)]
    assert _columns() == (True, True)
    for after in (2, 3):
        investigate_again(ref, actor=HANDLER, now=NOW + after * MINUTE)
    assert Decision.objects.filter(complaint=ref).count() == 4, "all stay on record"
    assert _rates() == [(1, 0)], "the rule's last verdict stands"
    assert _columns() == (True, False)
    _overrule(ref, 4)
    _overrule(ref, 5)
    assert _rates() == [(1, 1)], "set aside once, however often a person decided"
    assert _columns() == (True, True)
