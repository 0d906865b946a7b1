"""The table of states: nothing leaves it, every refusal says why, and reopening flatters nobody."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.cases.complaints.rules.states import (
    PARTIES,
    History,
    UnableToMove,
    measures,
    move,
    table,
    tmf_status,
)

TABLE = table()
TMF621 = {
    "acknowledged",
    "rejected",
    "pending",
    "held",
    "inProgress",
    "cancelled",
    "closed",
    "resolved",
}
DESIGN = {
    "received",
    "acknowledged",
    "investigating",
    "proposed",
    "accepted",
    "refused_by_user",
    "lapsed",
    "implementing",
    "resolved",
    "confirmed",
    "closed_unconfirmed",
    "reopened",
    "inadmissible",
    "not_upheld",
    "withdrawn",
    "deadlocked",
    "with_regulator",
    "merged",
    "closed",
}
START = datetime(2026, 3, 1, tzinfo=UTC)
FIRST = "received"


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def test_the_states_are_those_of_the_design() -> None:
    assert set(TABLE.states) == DESIGN
    assert {state.tmf for state in TABLE.states.values()} == TMF621


def test_every_move_names_known_states_and_actors() -> None:
    for verb in TABLE.moves.values():
        assert verb.to in TABLE.states
        assert set(verb.sources) <= set(TABLE.states)
        assert verb.to not in verb.sources
        assert set(verb.who) <= set(PARTIES)


def test_every_state_can_be_reached_and_every_open_one_left() -> None:
    reached, border = {FIRST}, [FIRST]
    while border:
        for verb in TABLE.moves_from(border.pop()):
            if verb.to not in reached:
                reached.add(verb.to)
                border.append(verb.to)
    assert reached == set(TABLE.states)
    assert all(TABLE.moves_from(state.id) for state in TABLE.states.values() if state.open)


@pytest.mark.parametrize(
    "path",
    [
        "acknowledge investigate propose accept implement resolve confirm",
        "acknowledge investigate propose lapse close_unconfirmed reopen investigate grant resolve",
        "acknowledge investigate propose refuse deadlock pass_on close",
        "acknowledge investigate not_uphold pass_on order_remedy resolve confirm",
        "declare_inadmissible reopen investigate not_uphold close",
        "take_up close",
    ],
)
def test_the_usual_lives(path: str) -> None:
    state = FIRST
    for verb in path.split():
        state = move(state, verb)
    assert not TABLE.states[state].open


@given(st.lists(st.sampled_from(sorted(TABLE.moves)), max_size=60), st.sampled_from(["", *PARTIES]))
def test_no_sequence_of_verbs_leaves_the_table(verbs: list[str], who: str) -> None:
    state = FIRST
    for verb in verbs:
        if verb in {m.verb for m in TABLE.moves_from(state, who=who)}:
            state = move(state, verb, who=who)
            assert state in TABLE.states
        else:
            with pytest.raises(UnableToMove) as refused:
                move(state, verb, who=who)
            assert refused.value.zh.endswith("。")
            assert re.search(r"[一-鿿]", refused.value.zh)
            assert refused.value.en.endswith(".")


def test_a_refusal_says_what_is_possible_instead() -> None:
    with pytest.raises(UnableToMove) as caught:
        move("received", "confirm", who="subscriber")
    assert caught.value.zh == "状态为“已收到”的投诉不能“确认解决”。现在可以：撤回。"
    assert caught.value.en.endswith("Possible now: Withdraw.")


@pytest.mark.parametrize(
    ("state", "verb", "who"),
    [
        ("proposed", "accept", "system"),
        ("resolved", "confirm", "system"),
        ("investigating", "not_uphold", "subscriber"),
        ("nowhere", "accept", ""),
        ("received", "dance", ""),
        ("proposed", "lapse", "handler"),
        ("closed", "reopen", ""),
    ],
)
def test_who_may_not_and_what_is_not(state: str, verb: str, who: str) -> None:
    with pytest.raises(UnableToMove):
        move(state, verb, who=who)


def test_a_proposal_answers_in_china_and_does_not_resolve_in_india() -> None:
    assert TABLE.is_met("resolve", "proposed", jurisdiction="cn-41")
    assert TABLE.is_met("resolve", "proposed", jurisdiction="au")
    assert not TABLE.is_met("resolve", "proposed", jurisdiction="in")
    assert not TABLE.is_met("implement", "implementing", jurisdiction="au")
    assert not TABLE.is_met("repair", "confirmed", jurisdiction="cn")


def test_a_reopened_complaint_owes_its_answer_again() -> None:
    assert TABLE.is_met("resolve", "resolved", jurisdiction="cn")
    assert not TABLE.is_met("resolve", "reopened", jurisdiction="cn")


def test_every_state_has_words_for_the_user_and_a_tmf_status() -> None:
    for state in TABLE.states.values():
        assert state.zh_user.endswith("。")
        assert state.en_user.endswith(".")
        assert tmf_status(state.id) in TMF621


def test_reopening_lengthens_the_time_and_spoils_the_first_contact() -> None:
    calm = History(day(0), [(day(2), "resolved"), (day(3), "confirmed")])
    twice = History(day(0), [(day(1), "resolved"), (day(4), "reopened"), (day(9), "resolved")])
    many = History(day(0), [(day(1), "resolved")], contacts=3)
    still = History(day(0), [(day(1), "resolved"), (day(2), "reopened")])
    young = History(day(0), [(day(1), "investigating")])
    found = measures([calm, twice, many, still, young])
    assert [round(s / 86400) for s in found.resolution_s] == [2, 9, 1]
    assert found.resolved == 3
    assert found.first_contact_share == 1 / 4
    assert found.reopened_share == 2 / 4
    assert found.reopenings == 2


def test_nothing_resolved_is_no_share_not_nought() -> None:
    assert measures([]).first_contact_share is None
    assert measures([History(day(0), [])]).reopened_share is None


@given(st.lists(st.integers(1, 50), min_size=1, max_size=5, unique=True))
def test_closing_and_reopening_never_shortens_the_resolution(days: list[int]) -> None:
    ordered = sorted(days)
    entered = []
    for number in ordered:
        entered += [(day(number), "resolved"), (day(number) + timedelta(hours=1), "reopened")]
    honest = measures([History(day(0), entered[:-1])])
    assert honest.resolution_s == (ordered[-1] * 86400.0,)
