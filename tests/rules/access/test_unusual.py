"""Signals of misuse: each is raised by what it names, and not by ordinary work."""

from __future__ import annotations

from amends.people.access.rules.unusual import (
    DAY_MS,
    SIGNALS,
    CaseFacts,
    LookRow,
    UnusualLook,
    unusual,
)


def _look(number: int, user: str, person: str, case: str = "", at_ms: int | None = None) -> LookRow:
    at_ms = number * 3_600_000 if at_ms is None else at_ms
    return LookRow(f"{number:032x}", at_ms, user, "handler", person, case)


def _case(person: str, **known: object) -> CaseFacts:
    stated = {"opened_by": "intake", "by_person": False, "contact": "m-1", "closed_at_ms": None}
    return CaseFacts(person, **{**stated, **known})  # type: ignore[arg-type]


def _signals(found: list[UnusualLook]) -> list[tuple[str, str]]:
    return [(one.signal, one.user) for one in found]


def test_a_look_in_a_case_that_a_contact_brought_is_ordinary() -> None:
    looks = [_look(1, "a", "p1", "case-1")]
    assert unusual(looks, {"case-1": _case("p1")}) == []


def test_a_look_without_a_case_is_named() -> None:
    found = unusual([_look(1, "a", "p1")], {})
    assert _signals(found) == [("no_case", "a")]
    assert found[0].looks == (f"{1:032x}",)
    assert found[0].zh == SIGNALS["no_case"][0]


def test_another_persons_case_and_an_unknown_one_are_named() -> None:
    looks = [_look(1, "a", "p2", "case-1"), _look(2, "b", "p2", "case-9")]
    assert _signals(unusual(looks, {"case-1": _case("p1")})) == [
        ("wrong_case", "a"),
        ("wrong_case", "b"),
    ]


def test_a_case_of_another_system_is_not_judged() -> None:
    assert unusual([_look(1, "a", "p2", "crm-9")], {}) == []


def test_a_look_after_closing_is_named() -> None:
    looks = [_look(1, "a", "p1", "case-1", 500), _look(2, "a", "p1", "case-1", 1001)]
    found = unusual(looks, {"case-1": _case("p1", closed_at_ms=1000)})
    assert [(one.signal, one.count) for one in found] == [("after_closing", 1)]


def test_a_case_opened_and_viewed_by_one_agent_without_a_contact_is_named() -> None:
    own = _case("p1", opened_by="a", by_person=True, contact="")
    assert _signals(unusual([_look(1, "a", "p1", "case-1")], {"case-1": own})) == [
        ("self_opened", "a")
    ]
    assert unusual([_look(1, "b", "p1", "case-1")], {"case-1": own}) == []
    called = _case("p1", opened_by="a", by_person=True, contact="m-7")
    assert unusual([_look(1, "a", "p1", "case-1")], {"case-1": called}) == []


def test_paging_through_people_is_named_once_a_run() -> None:
    looks = [_look(n, "a", f"p{n}", at_ms=n * 60_000) for n in range(6)]
    looks += [_look(50 + n, "a", f"q{n}", at_ms=DAY_MS + n * 3_600_000) for n in range(6)]
    found = [one for one in unusual(looks, {}) if one.signal == "in_a_row"]
    assert [(one.user, one.count) for one in found] == [("a", 6)]


def test_one_person_watched_by_many_is_named() -> None:
    looks = [_look(n, f"u{n}", "star", f"case-{n}") for n in range(5)]
    cases = {f"case-{n}": _case("star") for n in range(5)}
    assert [one.signal for one in unusual(looks, cases)] == ["many_eyes"]
    shared = [_look(n, f"u{n}", "star", "case-1") for n in range(5)]
    assert unusual(shared, {"case-1": _case("star")}) == []


def test_a_day_is_that_of_the_desk() -> None:
    # From 20:00 to midnight in UTC, and on to 02:00: two days there, one morning in China.
    looks = [
        _look(n, f"u{n}", "star", f"case-{n}", 20 * 3_600_000 + n * 5_400_000) for n in range(5)
    ]
    cases = {f"case-{n}": _case("star") for n in range(5)}
    assert unusual(looks, cases) == []
    china = unusual(looks, cases, ahead_ms=8 * 3_600_000)
    assert [one.signal for one in china] == ["many_eyes"]
