"""What a partner may do at a moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from amends.people.partners.rules.status import ContractTerms, SanctionTerms, status_at
from amends.platform.kit.periods import Period

START = datetime(2026, 1, 1, tzinfo=UTC)


def _day(number: int) -> datetime:
    return START + timedelta(days=number)


def _contract(first: int, last: int | None, brand: str = "", *roles: str) -> ContractTerms:
    end = None if last is None else _day(last)
    return ContractTerms("c", roles or ("sales",), brand, Period(_day(first), end))


def test_contracts_are_half_open() -> None:
    terms = [_contract(10, 20)]
    assert [status_at(terms, [], at=_day(day)).valid for day in (9, 10, 19, 20)] == [
        False,
        True,
        True,
        False,
    ]


def test_roles_and_brands_of_all_contracts_add_up() -> None:
    terms = [_contract(0, None, "plum", "sales"), _contract(0, 5, "pear", "repair")]
    now = status_at(terms, [], at=_day(1))
    assert now.roles == ("repair", "sales")
    assert now.serves("plum")
    assert now.serves("pear")
    assert not now.serves("fig")
    assert not status_at(terms, [], at=_day(6)).serves("pear")


def test_a_contract_for_every_brand_serves_every_brand() -> None:
    assert status_at([_contract(0, None)], [], at=_day(1)).serves("anything")


def test_suspension_and_exclusion_end_every_right_while_they_stand() -> None:
    for kind in ("suspension", "exclusion"):
        held = [SanctionTerms("s", kind, Period(_day(2), _day(4)))]
        assert [status_at([_contract(0, None)], held, at=_day(d)).valid for d in (1, 2, 4)] == [
            True,
            False,
            True,
        ]
        assert status_at([_contract(0, None)], held, at=_day(3)).reason == kind


def test_a_warning_takes_nothing_away() -> None:
    held = [SanctionTerms("s", kind, Period(_day(0))) for kind in ("warning", "fine")]
    assert status_at([_contract(0, None)], held, at=_day(1)).valid


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 30)), max_size=5), st.integers(0, 60))
def test_valid_exactly_inside_some_contract(spans: list[tuple[int, int]], day: int) -> None:
    terms = [_contract(first, first + length) for first, length in spans]
    inside = any(first <= day < first + length for first, length in spans)
    assert status_at(terms, [], at=_day(day)).valid is inside
