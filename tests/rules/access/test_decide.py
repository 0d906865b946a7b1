"""The one decision point: every cell of role x verb x purpose, and every way to be refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.people.access.queries.rights import rules_on
from amends.people.access.rules.decide import (
    CASELESS,
    REFUSALS,
    AccessRequest,
    CaseTerms,
    decide_access,
    may_open_page,
    rules_from,
)

RULES = rules_on(date(2026, 11, 24))
FIELDS = ("name", "phone", "id_card", "address", "email")
VERBS = sorted({verb for right in RULES.rights for verb in right.verbs})
PURPOSES = sorted({purpose for right in RULES.rights for purpose in right.purposes})
OPEN = CaseTerms(is_open=True, relation="granted")
CELLS = list(product(sorted(RULES.roles), VERBS, PURPOSES))


def _request(role: str, verb: str, purpose: str, fields: tuple[str, ...] = ()) -> AccessRequest:
    kind = {"subscriber": "subscriber", "system": "system"}.get(role, "user")
    case = replace(OPEN, relation="self") if kind == "subscriber" else OPEN
    request = AccessRequest(kind, (role,), verb, purpose, fields, case)
    if role == "agent":
        request = replace(request, partner="par-a", contract_valid=True, partner_serves=True)
    return request


def test_each_cell_is_allowed_exactly_if_a_row_of_the_rules_says_so() -> None:
    for cell in CELLS:
        role, verb, purpose = cell
        rows = [
            right
            for right in RULES.rights
            if role in right.roles and verb in right.verbs and purpose in right.purposes
        ]
        ruling = decide_access(_request(role, verb, purpose), RULES)
        assert ruling.allowed is bool(rows), cell
        assert not rows or ruling.rule in {right.id for right in rows}, cell
        for field in FIELDS:
            allowed = any(right.allows((field,)) for right in rows)
            answer = decide_access(_request(role, verb, purpose, (field,)), RULES)
            assert answer.allowed is allowed, (*cell, field)


def test_the_matrix_is_what_the_house_promises() -> None:
    """Written by hand, apart from the rule file: who may see what in full or masked."""
    seen = {
        (role, verb): {
            field
            for field in FIELDS
            for purpose in PURPOSES
            if decide_access(_request(role, verb, purpose, (field,)), RULES).allowed
        }
        for role in RULES.people
        for verb in ("look", "unmask", "break_glass")
    }
    everything = set(FIELDS)
    assert {key: fields for key, fields in seen.items() if fields} == {
        ("manager", "look"): {"name", "phone", "email", "address"},
        ("manager", "unmask"): {"name", "phone", "email", "address"},
        ("handler", "look"): everything - {"id_card"},
        ("handler", "unmask"): {"name", "phone", "email", "address"},
        ("senior_handler", "look"): everything,
        ("senior_handler", "unmask"): everything,
        ("senior_handler", "break_glass"): everything,
        ("privacy_officer", "look"): everything,
        ("privacy_officer", "unmask"): everything,
        ("privacy_officer", "break_glass"): everything,
        ("agent", "look"): {"name", "phone"},
    }


def test_no_case_no_data() -> None:
    for cell in CELLS:
        if cell[1] in CASELESS:
            continue
        request = replace(_request(*cell), case=None)
        assert decide_access(request, RULES).reason == "no_case", cell
        closed = replace(request, case=CaseTerms(is_open=False, relation="opener"))
        assert decide_access(closed, RULES).reason == "case_closed", cell


def test_a_case_not_shared_stays_shut() -> None:
    request = replace(
        _request("handler", "look", "complaint", ("phone",)),
        case=CaseTerms(is_open=True, relation="none"),
    )
    assert decide_access(request, RULES).reason == "not_shared"


def test_a_person_of_one_brand_sees_no_other_brand() -> None:
    request = replace(_request("handler", "look", "complaint"), brand="plum")
    assert decide_access(replace(request, subject_brand="pear"), RULES).reason == "other_brand"
    assert decide_access(replace(request, subject_brand=""), RULES).reason == "other_brand"
    assert decide_access(replace(request, subject_brand="plum"), RULES).allowed
    opening = replace(_request("handler", "open_case", "complaint"), brand="plum", case=None)
    assert decide_access(replace(opening, subject_brand="pear"), RULES).reason == "other_brand"


def test_a_partner_needs_a_contract_the_brand_and_a_grant() -> None:
    request = _request("agent", "look", "complaint", ("phone",))
    assert decide_access(request, RULES).allowed
    assert decide_access(replace(request, contract_valid=False), RULES).reason == "contract_ended"
    assert decide_access(replace(request, partner_serves=False), RULES).reason == "other_brand"
    for relation in ("desk", "opener", "none"):
        case = CaseTerms(is_open=True, relation=relation)
        assert decide_access(replace(request, case=case), RULES).reason == "not_shared"


def test_a_partner_with_the_role_of_a_handler_is_still_a_partner() -> None:
    request = replace(_request("handler", "look", "complaint"), partner="par-a")
    assert decide_access(request, RULES).reason == "contract_ended"


def test_subscribers_see_themselves_only() -> None:
    request = _request("subscriber", "look", "complaint", FIELDS)
    assert decide_access(request, RULES).allowed
    other = replace(request, case=CaseTerms(is_open=True, relation="none"))
    assert decide_access(other, RULES).reason == "not_yours"


@given(
    st.builds(
        AccessRequest,
        st.sampled_from(["user", "system", "subscriber", "partner"]),
        st.lists(st.sampled_from([*RULES.roles, "root"]), max_size=3).map(tuple),
        st.sampled_from([*VERBS, "delete"]),
        st.sampled_from([*PURPOSES, "curiosity"]),
        st.lists(st.sampled_from([*FIELDS, "ChargeMade", "diary"]), max_size=3).map(tuple),
        st.none()
        | st.builds(
            CaseTerms, st.booleans(), st.sampled_from(["opener", "granted", "desk", "self", "none"])
        ),
    )
)
def test_nothing_is_allowed_without_a_row_that_names_it(request: AccessRequest) -> None:
    ruling = decide_access(request, RULES)
    if not ruling.allowed:
        assert ruling.reason in REFUSALS
        assert ruling.zh
        assert ruling.en
        return
    row = next(right for right in RULES.rights if right.id == ruling.rule)
    assert ruling.role in row.roles & set(request.roles)
    assert request.verb in row.verbs
    assert request.purpose in row.purposes
    assert row.allows(request.fields)
    assert request.verb in CASELESS or (request.case is not None and request.case.is_open)


def test_an_undeclared_page_is_refused_to_everybody() -> None:
    assert not may_open_page(RULES.roles, "nowhere", RULES)
    assert may_open_page(["handler"], "complaints.handle", RULES)
    assert not may_open_page(["administrator"], "complaints.handle", RULES)


def test_the_administrator_reads_nobodys_data() -> None:
    assert not [right for right in RULES.rights if "administrator" in right.roles]


def test_a_right_for_an_unknown_role_is_an_error() -> None:
    row = {"id": "x", "roles": ["ghost"], "verbs": ["look"], "purposes": []}
    data = {
        "roles": [],
        "purposes": [],
        "pages": [],
        "rights": [row],
        "limits": {"break_glass_minutes": 30},
    }
    with pytest.raises(ValueError, match="ghost"):
        rules_from("access@2026-01-01", data)
