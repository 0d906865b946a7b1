"""Trouble tickets of TM Forum: a ticket becomes a complaint, and every version shows the same."""

from __future__ import annotations

from typing import Any

import pytest

from amends.cases.complaints.queries.casefile import find
from amends.entrances.tmforum.models import SentResource
from amends.entrances.tmforum.queries.tickets import ticket
from amends.entrances.tmforum.rules.tickets import Reader
from amends.work.casework.models import InternalNote
from tests.pages.tmforum.conftest import V2, V4, V5, new_ticket

pytestmark = pytest.mark.django_db


def test_a_ticket_becomes_a_complaint_and_is_read_back(connect: Any) -> None:
    call = connect()
    answer = call("POST", V5, new_ticket(externalIdentifier=[_external("crm-7")], shop="Nanjing 3"))
    assert answer.status_code == 201, answer.content
    created = answer.json()
    complaint = find(created["id"])
    assert complaint.state == "received"
    assert created["status"] == "acknowledged"
    assert created["shop"] == "Nanjing 3", "an unknown field is kept"
    assert answer.headers["Location"] == created["href"]
    read = call("GET", f"{V5}/{created['id']}")
    assert read.json() == created
    assert {item["id"] for item in read.json()["externalIdentifier"]} == {
        "crm-7",
        complaint.code_public,
    }


def test_versions_4_and_2_show_the_same_ticket(connect: Any) -> None:
    call = connect()
    body = {
        "description": "No signal at home.",
        "severity": "Major",
        "ticketType": "incident",
        "externalId": "crm-8",
        "relatedParty": [{"id": "s-1", "role": "customer", "@referredType": "Individual"}],
    }
    created = call("POST", V4, body)
    assert created.status_code == 201, created.content
    ref = created.json()["id"]
    for address in (V4, V2):
        shown = call("GET", f"{address}/{ref}").json()
        assert shown["externalId"] == "crm-8"
        assert shown["relatedParty"][0]["id"] == "s-1"
        assert "externalIdentifier" not in shown
    v5 = call("GET", f"{V5}/{ref}").json()
    assert v5["relatedParty"][0]["partyOrPartyRole"]["id"] == "s-1"


def test_without_the_scope_no_text_and_nothing_of_other_clients(connect: Any) -> None:
    party = {"@type": "PartyRef", "id": "+86 139 0000 1234", "name": "Lin Fang"}
    role = {"@type": "RelatedPartyRefOrPartyRoleRef", "role": "customer", "partyOrPartyRole": party}
    note = {"@type": "Note", "author": "Lin Fang", "text": "She called twice."}
    created = connect()("POST", V5, new_ticket(relatedParty=[role], note=[note])).json()
    other = connect("bi", scopes=("tickets:read",))
    shown = other("GET", f"{V5}/{created['id']}")
    assert shown.status_code == 200
    for private in ("Lin Fang", "139 0000", "ringtone", "called twice"):
        assert private not in shown.content.decode()
    reader = connect("desk", scopes=("tickets:read", "tickets:content"))
    shown = reader("GET", f"{V5}/{created['id']}").content.decode()
    assert "ringtone" in shown
    assert "Lin Fang" not in shown


def test_a_client_of_one_brand_sees_that_brand_only(connect: Any) -> None:
    north = connect("north", brand="north")("POST", V5, new_ticket()).json()
    south = connect("south", brand="south")
    assert south("GET", f"{V5}/{north['id']}").status_code == 404
    assert south("GET", V5).json() == []
    assert south("PATCH", f"{V5}/{north['id']}", {"@type": "TroubleTicket"}).status_code == 404


def test_lists_are_filtered_paged_and_counted(connect: Any) -> None:
    call = connect()
    for number in range(5):
        severity = "High" if number % 2 else "Low"
        text = f"The line at station {number} has been broken since {number + 1} May."
        sent = new_ticket(
            severity=severity, description=text, externalIdentifier=[_external(f"c{number}")]
        )
        assert call("POST", V5, sent).status_code == 201
    page = call("GET", f"{V5}?limit=2&offset=1")
    assert page.headers["X-Total-Count"] == "5"
    assert page.headers["X-Result-Count"] == "2"
    assert 'rel="next"' in page.headers["Link"]
    assert len(page.json()) == 2
    assert len(call("GET", f"{V5}?severity=High").json()) == 2
    assert len(call("GET", f"{V5}?externalIdentifier.id=c3").json()) == 1
    assert call("GET", f"{V5}?status=closed").json() == []
    every = [row["id"] for row in call("GET", V5).json()]
    newest = [row["id"] for row in call("GET", f"{V5}?sort=-creationDate").json()]
    assert newest == every[::-1]
    unknown = call("GET", f"{V5}?colour=red")
    assert unknown.status_code == 400
    assert unknown.json()["@type"] == "Error"


def test_cursors_read_every_ticket_once(connect: Any) -> None:
    from amends.entrances.tmforum.rules.selection import Position

    call = connect()
    refs = [
        call("POST", V5, new_ticket(description=f"Case {n}: my line {n} is broken.")).json()
        for n in range(4)
    ]
    first = find(refs[0]["id"])
    cursor = Position(first.received_at, first.id).cursor()
    page = call("GET", f"{V5}?after={cursor}&limit=2")
    assert [row["id"] for row in page.json()] == [row["id"] for row in refs[1:3]]
    last = find(refs[3]["id"])
    cursor = Position(last.received_at, last.id).cursor()
    page = call("GET", f"{V5}?before={cursor}&limit=2")
    assert [row["id"] for row in page.json()] == [row["id"] for row in refs[1:3]]


@pytest.mark.parametrize(("address", "extra"), [(V5, {"id", "href", "@type"}), (V2, set())])
def test_fields_selects_attributes(connect: Any, address: str, extra: set[str]) -> None:
    call = connect()
    ref = call("POST", V5, new_ticket()).json()["id"]
    shown = call("GET", f"{address}/{ref}?fields=severity,status").json()
    assert shown.keys() == {"severity", "status"} | extra


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"severity": "Minor", "ticketType": "x", "@type": "TroubleTicket"}, "description"),
        (new_ticket(note={"author": "x"}), "note"),
        (new_ticket(description=7), "description"),
        (new_ticket(description=" "), "description"),
        (new_ticket(requestedResolutionDate="tomorrow"), "requestedResolutionDate"),
        ([], "The body"),
        (b"{", "body"),
        (b'{"description": NaN}', "body"),
    ],
)
def test_what_cannot_be_a_ticket_is_refused_in_the_shape_of_the_specification(
    connect: Any, body: Any, where: str
) -> None:
    call = connect()
    answer = call("POST", V5, body)
    assert answer.status_code == 400
    error = answer.json()
    assert {"code", "reason", "status", "@type"} <= error.keys()
    assert where in error["reason"]
    assert call("GET", V5).json() == [], "nothing is stored"


def test_a_status_is_a_move_and_an_impossible_one_is_refused(connect: Any) -> None:
    call = connect()
    ref = call("POST", V5, new_ticket()).json()["id"]
    refused = call("PATCH", f"{V5}/{ref}", {"@type": "TroubleTicket", "status": "resolved"})
    assert refused.status_code == 409
    assert refused.json()["code"] == "illegal_transition"
    change = {"@type": "TroubleTicket", "status": "cancelled"}
    answer = call("PATCH", f"{V5}/{ref}", change, content_type="application/merge-patch+json")
    assert answer.status_code == 200, answer.content
    assert answer.json()["status"] == "cancelled"
    assert find(ref).state == "withdrawn"


def test_notes_and_own_fields_are_added_and_the_text_stays(connect: Any) -> None:
    call = connect()
    ref = call("POST", V5, new_ticket()).json()["id"]
    operations = [
        {"op": "add", "path": "/note", "value": [{"@type": "Note", "text": "Call @lin back."}]},
        {"op": "add", "path": "/shelf", "value": 4},
    ]
    answer = call("PATCH", f"{V5}/{ref}", operations, content_type="application/json-patch+json")
    assert answer.status_code == 200, answer.content
    assert answer.json()["shelf"] == 4
    assert InternalNote.objects.filter(key=ref, text__contains="Call").exists()
    refused = call("PATCH", f"{V5}/{ref}", {"@type": "TroubleTicket", "description": "Other."})
    assert refused.status_code == 409
    assert "ringtone" in call("GET", f"{V5}/{ref}").json()["description"]


def test_two_who_change_one_ticket_do_not_overwrite_each_other(connect: Any) -> None:
    call = connect()
    ref = call("POST", V5, new_ticket()).json()["id"]
    tag = call("GET", f"{V5}/{ref}").headers["ETag"]
    change = {"@type": "TroubleTicket", "priority": "1"}
    assert call("PATCH", f"{V5}/{ref}", change, **{"If-Match": tag}).status_code == 200
    change = {"@type": "TroubleTicket", "priority": "2"}
    late = call("PATCH", f"{V5}/{ref}", change, **{"If-Match": tag})
    assert late.status_code == 409
    assert call("GET", f"{V5}/{ref}").json()["priority"] == "1"


def test_a_change_loses_nothing_that_its_client_may_not_read(connect: Any) -> None:
    call = connect(scopes=("tickets:read", "tickets:write"))
    ref = call("POST", V5, new_ticket(note=[{"@type": "Note", "text": "Call back."}])).json()["id"]
    answer = call("PATCH", f"{V5}/{ref}", {"@type": "TroubleTicket", "priority": "1"})
    assert answer.status_code == 200, answer.content
    assert "description" not in answer.json()
    stored = ticket(Reader(client=sender(ref), brand="", with_content=True), ref)
    assert stored is not None
    assert "ringtone" in stored["description"]
    assert stored["note"][0]["text"] == "Call back."


def sender(ref: str) -> int:
    return SentResource.objects.get(pk=ref).client


def test_a_repeated_request_creates_one_ticket(connect: Any) -> None:
    call = connect()
    key = {"Idempotency-Key": "crm-1"}
    first = call("POST", V5, new_ticket(), **key).json()
    again = call("POST", V5, new_ticket(), **key).json()
    assert again["id"] == first["id"]
    assert len(call("GET", V5).json()) == 1


def test_a_second_ticket_about_an_open_matter_has_an_id_of_its_own(connect: Any) -> None:
    party = {"@type": "PartyRef", "id": "+86 139 0000 1234"}
    role = {"@type": "RelatedPartyRefOrPartyRoleRef", "role": "customer", "partyOrPartyRole": party}
    call = connect()
    first = call("POST", V5, new_ticket(relatedParty=[role])).json()
    second = call("POST", V5, new_ticket(relatedParty=[role])).json()
    assert second["id"] != first["id"]
    assert second["troubleTicketRelationship"][0]["id"] == first["id"]
    assert call("GET", f"{V5}/{second['id']}").status_code == 200
    assert len(call("GET", V5).json()) == 1, "one complaint"


def test_tickets_are_never_deleted(connect: Any) -> None:
    call = connect()
    ref = call("POST", V5, new_ticket()).json()["id"]
    answer = call("DELETE", f"{V5}/{ref}")
    assert answer.status_code == 405
    assert answer.json()["reason"] == "A complaint is evidence and cannot be deleted."
    assert call("GET", f"{V5}/{ref}").status_code == 200


def test_without_token_or_scope_nothing_is_done(connect: Any, client: Any) -> None:
    assert client.get(V5).status_code == 401
    call = connect(scopes=("complaints:read",))
    assert call("GET", V5).status_code == 403
    assert call("POST", V5, new_ticket()).status_code == 403


def test_classes_are_ticket_specifications(connect: Any) -> None:
    call = connect()
    ref = call("POST", V5, new_ticket()).json()["troubleTicketSpecification"]["id"]
    address = V5.removesuffix("troubleTicket") + "troubleTicketSpecification"
    assert call("GET", f"{address}/{ref}").json()["id"] == ref
    assert len(call("GET", f"{address}?limit=3").json()) == 3
    assert call("GET", f"{address}/nonsense").status_code == 404


def _external(ref: str) -> dict[str, str]:
    return {"@type": "ExternalIdentifier", "id": ref}
