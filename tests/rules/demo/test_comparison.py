"""The report counts what it says it counts."""

from __future__ import annotations

from amends_demo.rules.comparison import Answer, CountedShare, compare


def _truth(key: str, verdict: str, amount: int = 0, **more: object) -> dict[str, object]:
    return {
        "key": key,
        "role": "r",
        "cause": "",
        "codes": "billing.wrong_charge,thirdparty.value_added",
        "verdict": verdict,
        "decidable": int(verdict != "person_must_decide"),
        "amount_minor": amount,
        "contact_of": "",
        "complaint": 1,
    } | more


def _answer(complaint: str, verdict: str = "", amount: int = 0, **more: object) -> Answer:
    values = {"alone": bool(verdict), "decided": bool(verdict), "code": "billing.wrong_charge"}
    return Answer(complaint, "new", verdict=verdict, amount_minor=amount, **(values | more))


def test_right_and_exact() -> None:
    report = compare([(_truth("a", "upheld", 500), _answer("A", "upheld", 500))])
    assert report.decided_alone == report.verdict_right == report.amount_exact == CountedShare(1, 1)
    assert report.wrongly_upheld == CountedShare(0, 1)
    assert report.misses == []


def test_too_much_money_is_wrongly_upheld_and_too_little_is_not() -> None:
    report = compare(
        [
            (_truth("a", "upheld", 500), _answer("A", "upheld", 700)),
            (_truth("b", "upheld", 500), _answer("B", "upheld", 300)),
        ]
    )
    assert report.verdict_right == CountedShare(2, 2)
    assert report.amount_exact == CountedShare(0, 2)
    assert report.wrongly_upheld == CountedShare(1, 2)
    assert [miss.key for miss in report.misses] == ["a", "b"]


def test_upheld_where_the_records_cannot_tell_is_wrong() -> None:
    report = compare([(_truth("a", "person_must_decide"), _answer("A", "upheld", 500))])
    assert report.wrongly_upheld == CountedShare(1, 1)
    assert report.left_to_person == CountedShare(0, 1)
    assert report.decided_alone == CountedShare(0, 0)


def test_what_a_person_decides_is_not_judged() -> None:
    decided = _answer("A", "upheld", 9, alone=False)
    report = compare([(_truth("a", "not_upheld"), decided)])
    assert report.verdict_right == CountedShare(0, 0)
    assert report.decided_by_person == 1
    assert report.decided_alone == CountedShare(0, 1)


def test_a_repeat_counts_as_contact_and_joins_its_own_complaint() -> None:
    report = compare(
        [
            (_truth("a", "upheld", 5), _answer("A", "upheld", 5)),
            (_truth("b", "upheld", 5, contact_of="a"), _answer("A")),
            (_truth("c", "upheld", 5, contact_of="a"), _answer("C")),
        ]
    )
    assert (report.contacts, report.complaints) == (3, 1)
    assert report.repeats_joined == CountedShare(1, 2)


def test_causes_and_states_are_counted() -> None:
    report = compare(
        [
            (_truth("a", "upheld", cause="advert"), _answer("A")),
            (_truth("b", "upheld", cause="advert", contact_of="a"), _answer("A")),
            (_truth("c", "upheld"), _answer("C")),
        ],
        state_counts={"received": 2},
    )
    assert report.by_cause == {"advert": 1}
    assert report.as_dict()["standing"] == {"received": 2}


def test_enquiries_and_deadlines() -> None:
    report = compare(
        [
            (_truth("q", "person_must_decide", complaint=0), _answer("Q")),
            (_truth("a", "upheld"), _answer("A", "upheld", in_time=True, refunded_minor=40)),
            (_truth("b", "upheld"), _answer("B", in_time=False)),
            (_truth("c", "upheld"), _answer("C", code="network.speed")),
        ]
    )
    assert (report.enquiries, report.complaints, report.still_open) == (1, 3, 2)
    assert report.in_time == CountedShare(1, 2)
    assert report.class_right == CountedShare(2, 3)
    assert report.refunded_minor == 40
    assert report.as_dict()["in_time"] == {"count": 1, "of": 2, "share": 0.5}
