"""Absence is evidence only where a source says its records are complete."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from amends.record.facts.coverage import CoverageClaim, coverage_of, statements_of, union, without

KIND = "ConfirmationGiven"


def said(
    from_ms: int,
    to_ms: int,
    complete: bool = True,
    *,
    at: int = 0,
    source: str = "crm",
    scope: str = "all",
    kind: str = KIND,
) -> CoverageClaim:
    return CoverageClaim(f"f{at}", source, kind, scope, from_ms, to_ms, complete, at)


def gaps(
    *statements: CoverageClaim, scopes: tuple[str, ...] = ("all",)
) -> tuple[tuple[int, int], ...]:
    return coverage_of(KIND, statements, scopes=scopes, start_ms=0, end_ms=100).gaps


def test_nothing_said_is_nothing_covered():
    assert gaps() == ((0, 100),)
    assert gaps(said(0, 100, kind="ChargeMade")) == ((0, 100),)


def test_pieces_may_touch_but_not_miss():
    assert gaps(said(0, 40), said(40, 100)) == ()
    assert gaps(said(-5, 40), said(41, 120)) == ((40, 41),)


def test_a_later_gap_wins_and_a_later_repair_mends_it():
    whole, hole, mended = said(0, 100, at=1), said(20, 30, False, at=2), said(20, 30, at=3)
    assert gaps(hole, whole) == ((20, 30),)
    assert gaps(whole, hole, mended) == ()


def test_of_two_words_at_once_the_gap_holds():
    assert gaps(said(20, 30, False, at=1), said(0, 100, at=1)) == ((20, 30),)


def test_another_source_s_completeness_does_not_fill_a_gap():
    hole = said(20, 30, False, at=2)
    assert gaps(said(0, 100, at=1), hole, said(0, 100, at=3, source="second")) == ((20, 30),)
    assert gaps(said(0, 50), said(50, 100, source="second")) == ()


def test_scope_must_fit():
    north, south = ("area:north", "brand:plum"), ("area:south",)
    stated = said(0, 100, scope="area:north")
    assert gaps(stated, scopes=north) == ()
    assert gaps(stated, scopes=south) == ((0, 100),)
    assert gaps(stated) == ((0, 100),)
    hole = said(5, 6, False, at=1, scope="brand:plum")
    assert gaps(said(0, 100), hole, scopes=north) == ((5, 6),)
    assert gaps(said(0, 100), hole, scopes=south) == ()
    assert gaps(said(0, 100), hole) == ((5, 6),)


def test_an_empty_period_has_no_gap():
    assert coverage_of(KIND, [], scopes=["all"], start_ms=5, end_ms=5).complete


def test_the_answer_names_sources_and_statements():
    answer = coverage_of(
        KIND, [said(0, 60, at=1), said(0, 9, at=2, kind="x")], scopes=["all"], start_ms=0, end_ms=99
    )
    assert (answer.sources, answer.statements) == (("crm",), ("f1",))
    assert not answer.complete
    assert [moment.isoformat()[17:25] for moment in answer.gap_periods[0]] == [
        "00.06000",
        "00.09900",
    ]


def test_a_fact_states_each_of_its_kinds_once():
    payload = {"kinds": "A, B,,A", "scope": "all", "from_ms": 1, "to_ms": 2, "complete": 0}
    found = statements_of("f", "crm", payload, 3)
    assert [(one.kind, one.complete, one.recorded_at_ms) for one in found] == [
        ("A", False, 3),
        ("B", False, 3),
    ]


spans = st.tuples(st.integers(0, 40), st.integers(0, 40))


@given(st.lists(st.tuples(spans, st.booleans()), max_size=12))
def test_spans_are_sets_of_moments(steps):
    moments: set[int] = set()
    held: list[tuple[int, int]] = []
    for span, added in steps:
        if added:
            moments |= set(range(*span))
            held = union(held, span)
        else:
            moments -= set(range(*span))
            held = without(held, span)
        assert {moment for one in held for moment in range(*one)} == moments
        assert held == sorted(held)
        assert all(start < end for start, end in held)


@given(st.lists(st.tuples(spans, st.booleans(), st.integers(0, 3), st.booleans()), max_size=8))
def test_a_moment_is_covered_as_the_words_say(drawn):
    statements = [
        said(*span, complete, at=at, source="a" if first else "b")
        for span, complete, at, first in drawn
    ]
    found = coverage_of(KIND, statements, scopes=["all"], start_ms=0, end_ms=40)
    uncovered = {moment for one in found.gaps for moment in range(*one)}
    for moment in range(40):
        last = {}
        for one in sorted(statements, key=lambda each: (each.recorded_at_ms, not each.complete)):
            if one.from_ms <= moment < one.to_ms:
                last[one.source] = one.complete
        assert (moment in uncovered) == (not last or not all(last.values()))
