"""If the look cannot be written down, nothing is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, connection

from access_desk import NOW, SYSTEM, Desk
from amends.people.access.actions.break_glass import (
    approve_break_glass,
    ask_break_glass,
    break_glass,
)
from amends.people.access.actions.evidence import evidence, evidence_many
from amends.people.access.actions.look import look, look_many
from amends.people.access.actions.open_case import open_case
from amends.people.access.actions.unmask import unmask
from amends.people.access.queries import break_glass_requests, looks_at
from amends.record.ledger.models import SingleFact

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres_too]
REASON = "来电核对本人身份"


@contextmanager
def _ledger_refuses() -> Iterator[None]:
    """The table of facts is gone, as if its disk were."""
    table = SingleFact._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO {table}_away")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table}_away RENAME TO {table}")


@pytest.mark.parametrize(
    "show",
    [
        lambda desk, case: look(desk.alice, case, ["name"], now=NOW),
        lambda desk, case: look_many(desk.alice, [case], ["name"], now=NOW),
        lambda desk, case: unmask(desk.alice, case, ["name"], reason=REASON, now=NOW),
        lambda desk, case: unmask(SYSTEM, case, ["phone"], reason=REASON, now=NOW),
        lambda desk, case: evidence(desk.alice, case, kinds=[], now=NOW),
        lambda desk, case: evidence_many(SYSTEM, [case], kinds=[], now=NOW),
    ],
)
def test_a_look_that_cannot_be_written_shows_nothing(
    desk: Desk, show: Callable[[Desk, str], object]
) -> None:
    case = open_case(
        SYSTEM, subscriber=desk.subscriber, purpose="complaint", reference="c-1", now=NOW
    )
    with _ledger_refuses(), pytest.raises(DatabaseError):
        show(desk, case)
    assert looks_at(desk.subscriber) == []
    show(desk, case)
    assert len(looks_at(desk.subscriber)) == 1


def test_broken_glass_that_cannot_be_written_shows_nothing_and_is_not_used_up(desk: Desk) -> None:
    request = ask_break_glass(
        desk.senior, subscriber=desk.subscriber, fields=["phone"], reason=REASON, now=NOW
    )
    approve_break_glass(desk.privacy, request, now=NOW)
    with _ledger_refuses(), pytest.raises(DatabaseError):
        break_glass(desk.senior, request, now=NOW)
    assert break_glass_requests()[0].used_at is None
    assert break_glass(desk.senior, request, now=NOW) == {"phone": "13812348000"}
    assert len(looks_at(desk.subscriber)) == 1


def test_a_person_is_never_shown_what_an_outer_transaction_could_still_undo(desk: Desk) -> None:
    from django.db import transaction

    case = open_case(
        SYSTEM, subscriber=desk.subscriber, purpose="complaint", reference="c-1", now=NOW
    )
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        look(desk.alice, case, ["name"], now=NOW)
    with transaction.atomic():
        evidence(SYSTEM, case, now=NOW)
