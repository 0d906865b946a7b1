"""A small world played through the real desk: what it decides agrees with what is true."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from amends.complaints.queries import complaint
from amends.demo.actions.play import Desk, play
from amends.demo.actions.show import show
from amends.demo.actions.staff import add_staff
from amends.demo.rules.comparison import Report
from amends.demo.rules.simulate import simulate
from amends.ledger.queries import facts_about_many
from amends.remedies.queries import totals

pytestmark = pytest.mark.django_db
END = datetime(2026, 11, 24, 2, tzinfo=UTC)
_GRANTED = ("approved", "exported", "acknowledged")


@pytest.fixture
def played() -> tuple[Desk, Report]:
    return play(simulate(size=240, seed=3, end=END))


def test_a_small_world_is_decided_as_it_is_true(played: tuple[Desk, Report]) -> None:
    desk, report = played
    world = desk.loaded.world
    assert report.contacts == world.contacts.num_rows == len(desk.receipts)
    assert report.complaints + report.enquiries + report.repeats == report.contacts
    assert report.decided_alone.count > 0
    assert report.verdict_right.share >= 0.9
    assert report.amount_exact.share >= 0.99
    assert report.wrongly_upheld.share <= 0.05
    _nothing_is_given_twice(desk)
    _money_is_what_remedies_say(report)
    _every_complaint_can_be_read(desk)
    _it_can_be_shown(report)


def _nothing_is_given_twice(desk: Desk) -> None:
    """Whatever people say twice, no charge is refunded beyond itself."""
    facts = facts_about_many(desk.loaded.pseudonyms, kinds=["ChargeMade", "RefundMade"])
    charged: dict[str, int] = {}
    refunded: dict[str, int] = {}
    for fact in (fact for some in facts.values() for fact in some):
        book = charged if fact.kind == "ChargeMade" else refunded
        charge = str(fact.payload["charge"])
        book[charge] = book.get(charge, 0) + int(fact.payload["amount_minor"])
    assert refunded
    assert all(amount <= charged[charge] for charge, amount in refunded.items())


def _money_is_what_remedies_say(report: Report) -> None:
    granted = sum(amount for state, (_, amount) in totals().items() if state in _GRANTED)
    assert report.refunded_minor == granted > 0


def _every_complaint_can_be_read(desk: Desk) -> None:
    for receipt in list(desk.receipts.values())[:20]:
        found = complaint(receipt.complaint)
        assert found is not None
        assert found.contacts


def _it_can_be_shown(report: Report) -> None:
    written = io.StringIO()
    show(report, Console(file=written, width=100))
    text = written.getvalue()
    assert "Decisions against the truth" in text
    assert "≥ 95%" in text


def test_the_staff_have_passwords_that_differ() -> None:
    one = add_staff()
    assert {account.role for account in one.accounts} == one.actors.keys()
    assert len({account.password for account in one.accounts}) == len(one.accounts)
    assert all("password" not in repr(account) for account in one.accounts)
