"""The JSON interface: durable before it answers, once a key, one shape of refusal."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amends.cases.complaints.models import Complainant, Complaint, Contact
from amends.entrances.portals.actions.clients import (
    SCOPES,
    UnableToMakeClient,
    UnableToRevokeClient,
    make_client,
    revoke_client,
)
from amends.entrances.portals.api.interface import api
from amends.entrances.portals.jobs.forget_drafts import forget_handovers
from amends.entrances.portals.models import ApiClient, IdempotencyKey
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.vault.sealing import open_sealed
from amends.record.catalogue.actions.freeze import freeze, unfreeze
from amends.record.ledger.models import SingleFact
from tests.pages.portals.conftest import NOW, Caller

pytestmark = pytest.mark.postgres_too

WORDS = {
    "text": "You charge me 10 yuan a month for a ringtone I never ordered.",
    "phone": "13900001234",
}
EVERY_OPERATION = [
    ("post", "/complaints", "complaints:write", WORDS),
    ("post", "/complaints/batch", "complaints:write", [WORDS]),
    ("get", "/complaints/AAAA-AAAA-AAAA", "complaints:read", None),
    ("post", "/remedies/exports", "remedies:billing", {}),
    ("get", "/remedies/exports/exp-none", "remedies:billing", None),
    ("post", "/remedies/acknowledgements", "remedies:billing", []),
    ("post", "/orders", "orders:write", {"order": "open", "phone": "13900001234", "offer": "x"}),
    ("get", "/orders/ord-none", "orders:write", None),
    ("post", "/posts", "posts:write", []),
    ("post", "/events", "events:write", []),
    ("post", "/choices", "choices:write", {"duty": "cn.own_cap", "service": "none"}),
    ("get", "/holds", "holds:read", None),
    ("post", "/holds/none/consent", "holds:consent", {"presence": "document", "reference": "1"}),
    ("post", "/holds/none/withdrawal", "holds:consent", {"presence": "document", "reference": "1"}),
    ("post", "/standings", "standings:read", {"services": ["svc-none"]}),
    ("get", "/freezes", "freezes:read", None),
    (
        "post",
        "/publicity/copies",
        "publicity:write",
        {"text": "x", "channel": "web", "place": "/"},
    ),
]


def call(by: Caller, method: str, path: str, body: object):
    return by.get(path) if method == "get" else by.post(path, body, key="k-1")


def is_problem(response, status: int, error: str) -> bool:
    body = response.json()
    assert set(body) == {"error", "what", "meaning", "next_step"}, body
    assert (response.status_code, body["error"]) == (status, error), body
    assert body["what"].endswith((".", "”"))
    return True


def test_a_complaint_is_there_when_the_answer_comes(caller) -> None:
    response = caller("complaints:write").post("/complaints", WORDS, key="k-1")
    assert response.status_code == 201
    complaint = Complaint.objects.get()
    receipt = response.json()
    assert receipt["tracking_code"] == complaint.code_public
    assert receipt["joined"] == "new"
    assert receipt["due_at"] is not None
    assert (complaint.channel, Contact.objects.get().by) == ("api", "crm")
    assert SingleFact.objects.filter(kind="ComplaintReceived", subject=complaint.id).count() == 1


def test_the_same_request_again_is_the_same_receipt(caller) -> None:
    crm = caller("complaints:write")
    first = crm.post("/complaints", WORDS, key="k-1")
    again = crm.post("/complaints", WORDS, key="k-1")
    assert again.status_code == 200
    assert again.json() == first.json() | {"joined": "repeat"}
    assert Contact.objects.count() == 1


def test_another_body_under_the_same_key_is_refused_and_changes_nothing(caller) -> None:
    crm = caller("complaints:write")
    crm.post("/complaints", WORDS, key="k-1")
    other = crm.post("/complaints", WORDS | {"text": "Something else."}, key="k-1")
    assert is_problem(other, 409, "idempotency_key_reused")
    elsewhere = crm.post("/complaints", WORDS | {"channel": "phone"}, key="k-1")
    assert is_problem(elsewhere, 409, "idempotency_key_reused")
    assert Contact.objects.count() == 1


def test_keys_of_two_clients_never_meet_even_with_long_names(caller) -> None:
    name = "the-customer-relations-system-of-region-"
    north = caller("complaints:write", name=name + "north")
    south = caller("complaints:write", name=name + "south")
    first = north.post("/complaints", WORDS, key="k-1")
    second = south.post("/complaints", WORDS | {"phone": "13900009999"}, key="k-1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["tracking_code"] != second.json()["tracking_code"]


def test_nothing_of_a_body_is_kept_with_its_key(caller) -> None:
    caller("complaints:write").post("/complaints", WORDS, key="k-1")
    handover = IdempotencyKey.objects.get()
    assert len(handover.body_print) == 32
    assert handover.result == ""


def test_the_same_matter_again_joins_and_says_why(caller) -> None:
    crm = caller("complaints:write")
    first = crm.post("/complaints", WORDS, key="k-1").json()
    second = crm.post("/complaints", WORDS, key="k-2").json()
    assert (second["joined"], second["complaint"]) == ("exact", first["complaint"])


def test_a_batch_is_stored_whole_or_not_at_all(caller) -> None:
    crm = caller("complaints:write")
    good = [WORDS | {"phone": f"1390000{n:04d}"} for n in range(3)]
    bad = crm.post("/complaints/batch", [*good, {"text": "x", "signed_in": True}], key="b-1")
    assert is_problem(bad, 409, "identity_not_trusted")
    assert Contact.objects.count() == 0
    done = crm.post("/complaints/batch", good, key="b-1")
    assert done.status_code == 201
    assert len({receipt["tracking_code"] for receipt in done.json()}) == 3
    again = crm.post("/complaints/batch", good, key="b-1")
    assert [receipt["joined"] for receipt in again.json()] == ["repeat"] * 3
    assert is_problem(
        crm.post("/complaints/batch", good[:2], key="b-1"), 409, "idempotency_key_reused"
    )
    assert Contact.objects.count() == 3


def test_a_key_is_one_body_for_single_complaints_and_batches_alike(caller) -> None:
    crm = caller("complaints:write")
    other = WORDS | {"phone": "13900009999", "text": "No signal in our street since Monday."}
    crm.post("/complaints/batch", [WORDS], key="ticket-77")
    inner = crm.post("/complaints", other, key="ticket-77:0")
    assert (inner.status_code, inner.json()["joined"]) == (201, "new")
    assert Contact.objects.count() == 2
    single = crm.post("/complaints", other, key="ticket-77")
    assert is_problem(single, 409, "idempotency_key_reused")


def test_a_key_whose_print_was_forgotten_still_takes_no_other_words(caller) -> None:
    crm = caller("complaints:write")
    crm.post("/complaints", WORDS, key="k-1")
    crm.post("/complaints/batch", [WORDS], key="b-1")
    forget_handovers(now=timezone.now() + timedelta(days=31))
    other = WORDS | {"text": "No signal in our street since Monday."}
    assert is_problem(crm.post("/complaints", other, key="k-1"), 409, "idempotency_key_reused")
    refused = crm.post("/complaints/batch", [other], key="b-1")
    assert is_problem(refused, 409, "idempotency_key_reused")
    assert crm.post("/complaints", WORDS, key="k-1").json()["joined"] == "repeat"


def test_a_line_named_by_its_number_is_no_other_body(caller) -> None:
    crm = caller("complaints:write")
    for joined in ("new", "repeat"):
        answer = crm.post("/complaints", WORDS | {"service": "13900005555"}, key="k-1")
        assert answer.json()["joined"] == joined


@pytest.mark.parametrize("size", [0, 1001])
def test_a_batch_of_the_wrong_size_says_so(caller, size: int) -> None:
    response = caller("complaints:write").post(
        "/complaints/batch", [{"text": "a"}] * size, key="b-1"
    )
    assert is_problem(response, 400, "bad_batch")


def test_the_state_shows_no_words_and_no_person(caller) -> None:
    crm = caller("complaints:write", "complaints:read")
    code = crm.post("/complaints", WORDS | {"name": "Lin"}, key="k-1").json()["tracking_code"]
    found = crm.get(f"/complaints/{code.lower()}")
    assert found.status_code == 200
    assert set(found.json()) == {
        "tracking_code",
        "state",
        "state_since",
        "received_at",
        "code",
        "next_step",
        "due_at",
        "contacts",
        "tmf621_status",
    }
    assert "Lin" not in found.content.decode()


def test_a_client_of_one_brand_meets_only_its_own(caller) -> None:
    north = caller("complaints:write", "complaints:read", name="north", brand="north")
    south = caller("complaints:write", "complaints:read", name="south", brand="south")
    code = north.post("/complaints", WORDS, key="k-1").json()["tracking_code"]
    assert north.get(f"/complaints/{code}").status_code == 200
    assert is_problem(south.get(f"/complaints/{code}"), 404, "not_found")
    quoted = south.post("/complaints", {"text": "More about it.", "thread": code}, key="k-2").json()
    assert quoted["joined"] == "new"
    assert quoted["tracking_code"] != code


def test_words_that_read_alike_do_not_join_across_brands(caller) -> None:
    north = caller("complaints:write", name="north", brand="north")
    south = caller("complaints:write", name="south", brand="south")
    first = north.post("/complaints", WORDS, key="k-1").json()
    second = south.post("/complaints", WORDS, key="k-1").json()
    assert second["joined"] == "new"
    assert second["complaint"] != first["complaint"]


def test_a_subscriber_of_another_brand_is_nobody_to_a_branded_client(caller) -> None:
    person = register(
        NewSubscriber(
            name="林小满", phone=WORDS["phone"], province="11", language="zh-hans", brand="north"
        ),
        now=NOW,
    )
    south = caller("complaints:write", name="south", brand="south")
    south.post("/complaints", WORDS | {"subscriber": person}, key="k-1")
    assert Complaint.objects.get().subscriber == ""
    north = caller("complaints:write", name="north", brand="north")
    north.post("/complaints", WORDS | {"subscriber": person}, key="k-1")
    assert Complaint.objects.get(brand="north").subscriber == person


def test_only_a_trusted_client_may_say_who_somebody_is(caller) -> None:
    said = WORDS | {"signed_in": True}
    plain = caller("complaints:write").post("/complaints", said, key="k-1")
    assert is_problem(plain, 409, "identity_not_trusted")
    caller("complaints:write", name="app", trusted_identity=True).post(
        "/complaints", said, key="k-1"
    )
    assert Complaint.objects.get().identity_by == "operator_login"


@pytest.mark.parametrize(("method", "path", "scope", "body"), EVERY_OPERATION)
def test_every_operation_refuses_the_wrong_scope(caller, method, path, scope, body) -> None:
    others = [one for one in SCOPES if one != scope]
    response = call(caller(*others), method, path, body)
    assert is_problem(response, 403, "scope_missing")
    assert Contact.objects.count() == 0


@pytest.mark.parametrize(("method", "path", "scope", "body"), EVERY_OPERATION)
def test_every_operation_refuses_strangers_and_the_revoked(
    caller, method, path, scope, body
) -> None:
    crm = caller(scope)
    assert call(crm, method, path, body).status_code < 500
    revoke_client("crm", now=NOW)
    revoked = call(crm, method, path, body)
    assert is_problem(revoked, 401, "unauthorized")
    assert revoked["WWW-Authenticate"] == "Bearer"
    assert is_problem(
        call(Caller(crm.http, "amends_guess"), method, path, body), 401, "unauthorized"
    )
    bare = getattr(crm.http, method)(f"/api/v1{path}")
    assert is_problem(bare, 401, "unauthorized")


@pytest.mark.parametrize(("method", "path", "scope", "body"), EVERY_OPERATION)
def test_every_address_refuses_other_methods_in_the_one_shape(
    client: Client, db: None, method, path, scope, body
) -> None:
    for other in {"get", "post", "put", "patch", "delete"} - {method}:
        response = getattr(client, other)(f"/api/v1{path}")
        if path == "/complaints/batch" and other == "get":
            assert response.status_code in {401, 405}
            continue
        assert is_problem(response, 405, "wrong_method")


def test_an_address_that_is_not_there_has_the_one_shape(client: Client) -> None:
    assert is_problem(client.get("/api/v1/nothing/here"), 404, "not_found")


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b"", 422, "bad_input"),
        (b"{", 400, "bad_input"),
        (b"\xff\xfe\x00", 400, "bad_input"),
        (b"[]", 422, "bad_input"),
        ({}, 422, "bad_input"),
        ({"text": ""}, 422, "bad_input"),
        ({"text": "   "}, 400, "unable_to_receive"),
        ({"text": "x" * 20_001}, 422, "bad_input"),
        ({"text": "x", "phone": "1" * 33}, 422, "bad_input"),
        ({"text": "x", "channel": "import"}, 422, "bad_input"),
        ({"text": "x", "surprise": 1}, 422, "bad_input"),
        ({"text": "x", "received_at": "2026-11-24T10:00:00"}, 400, "bad_received_at"),
        ({"text": "x", "received_at": "2099-01-01T00:00:00+08:00"}, 400, "bad_received_at"),
    ],
)
def test_a_bad_body_is_named_and_nothing_stored(caller, body, status: int, error: str) -> None:
    response = caller("complaints:write").post("/complaints", body, key="k-1")
    assert is_problem(response, status, error)
    assert Contact.objects.count() == 0
    assert IdempotencyKey.objects.count() == 0


def test_a_refusal_names_the_field_and_repeats_no_value(caller) -> None:
    response = caller("complaints:write").post(
        "/complaints", {"text": "x", "phone": "13900001234" * 4}, key="k-1"
    )
    assert response.json()["what"].startswith("phone: ")
    assert "13900001234" not in response.content.decode()


@pytest.mark.parametrize("key", ["", "k" * 91, "with space", "käse"])
def test_a_write_needs_a_usable_key(caller, key: str) -> None:
    response = caller("complaints:write").post("/complaints", WORDS, key=key)
    assert is_problem(response, 422, "bad_input")
    assert "Idempotency-Key" in response.json()["what"]


def test_a_body_too_large_is_refused_before_it_is_read(caller, settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1024
    response = caller("complaints:write").post("/complaints", {"text": "x" * 2000}, key="k-1")
    assert is_problem(response, 413, "too_big")


def test_what_fails_inside_is_our_fault_and_says_what_to_do(caller, monkeypatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("13900001234")

    monkeypatch.setattr("amends.entrances.portals.api.receiving.receive_read", broken)
    response = caller("complaints:write").post("/complaints", WORDS, key="k-1")
    assert is_problem(response, 500, "our_fault")
    assert "13900001234" not in response.content.decode()
    assert IdempotencyKey.objects.count() == 0


def test_what_no_database_takes_is_cleaned_not_lost(caller) -> None:
    odd = {"text": "a\x00b \ud83d no \u202esignal", "name": "L\x00in", "email": "l@example.org"}
    response = caller("complaints:write").post("/complaints", odd, key="k-1")
    assert response.status_code == 201
    contact, person = Contact.objects.get(), Complainant.objects.get()
    assert contact.text == "ab � no signal"
    assert open_sealed("complaints_complainant", "name", person.pk, bytes(person.name)) == "Lin"


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=8,
)
_fields = st.dictionaries(
    st.sampled_from(
        [
            "text",
            "received_at",
            "channel",
            "name",
            "phone",
            "email",
            "subscriber",
            "service",
            "thread",
            "language",
            "province",
            "wanted",
            "urgent",
            "on_behalf",
            "signed_in",
            "x",
        ]
    ),
    _anything
    | st.text(st.characters(), max_size=60)
    | st.sampled_from(["zh", "app", "\x00", "\ud800"]),
    max_size=8,
)


@given(body=_anything | _fields)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes_is_stored_or_refused_in_the_one_shape(caller, body: object) -> None:
    if not ApiClient.objects.filter(name="fuzz").exists():
        test_whatever_comes_is_stored_or_refused_in_the_one_shape.caller = caller(
            "complaints:write", name="fuzz"
        )
    fuzz = test_whatever_comes_is_stored_or_refused_in_the_one_shape.caller
    before = Contact.objects.count()
    key = f"f-{before}-{IdempotencyKey.objects.count()}"
    response = fuzz.post("/complaints", json.dumps(body).encode(), key=key)
    assert response.status_code in {201, 400, 409, 422}, response.content
    stored = Contact.objects.count() - before
    assert stored == (response.status_code == 201)
    if response.status_code != 201:
        assert set(response.json()) == {"error", "what", "meaning", "next_step"}


def test_the_description_is_complete(client: Client) -> None:
    described = client.get("/api/v1/openapi.json").json()
    methods = [
        (path, method, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]
    assert {(method, path) for path, method, _ in methods} == {
        ("post", "/api/v1/complaints"),
        ("post", "/api/v1/complaints/batch"),
        ("get", "/api/v1/complaints/{tracking_code}"),
        ("post", "/api/v1/remedies/exports"),
        ("get", "/api/v1/remedies/exports/{number}"),
        ("post", "/api/v1/remedies/acknowledgements"),
        ("post", "/api/v1/usage"),
        ("post", "/api/v1/posts"),
        ("post", "/api/v1/orders"),
        ("get", "/api/v1/orders/{ref}"),
        ("post", "/api/v1/events"),
        ("post", "/api/v1/events/{ref}/withdrawal"),
        ("post", "/api/v1/choices"),
        ("get", "/api/v1/holds"),
        ("post", "/api/v1/holds/{key}/consent"),
        ("post", "/api/v1/holds/{key}/withdrawal"),
        ("post", "/api/v1/standings"),
        ("get", "/api/v1/freezes"),
        ("post", "/api/v1/publicity/copies"),
        ("get", "/api/v1/measures"),
        ("get", "/api/v1/teams"),
        ("get", "/api/v1/workload"),
        ("post", "/api/v1/alarms"),
        ("post", "/api/v1/complaints/{tracking_code}/assignment"),
        ("post", "/api/v1/complaints/{tracking_code}/merge"),
        ("post", "/api/v1/complaints/{tracking_code}/notes"),
        ("get", "/api/v1/services"),
        ("post", "/api/v1/protection/decisions"),
        ("post", "/api/v1/protection/reports"),
        ("post", "/api/v1/selfservice/identity"),
        ("post", "/api/v1/selfservice/identity/answer"),
        ("get", "/api/v1/selfservice/usage"),
        ("get", "/api/v1/selfservice/services"),
        ("get", "/api/v1/selfservice/offers"),
        ("get", "/api/v1/selfservice/reminders"),
        ("post", "/api/v1/selfservice/reminders"),
        ("get", "/api/v1/selfservice/speed-test"),
        ("post", "/api/v1/selfservice/orders"),
        ("post", "/api/v1/selfservice/orders/{ref}/answer"),
        ("post", "/api/v1/selfservice/stops"),
        ("post", "/api/v1/selfservice/reports"),
        ("get", "/api/v1/ivr/menu"),
        ("post", "/api/v1/ivr/status"),
        ("post", "/api/v1/ivr/transcripts"),
    }
    for path, method, operation in methods:
        assert operation["summary"], path
        assert "Scope `" in operation["description"], path
        assert operation["security"], path
        assert {"401", "403"} <= set(operation["responses"]), path
        keyed = [p for p in operation.get("parameters", []) if p["in"] == "header"]
        # These say the same when they are sent twice.
        if method == "post" and not path.endswith(
            (
                "acknowledgements",
                "consent",
                "withdrawal",
                "standings",
                "alarms",
                "assignment",
                "merge",
                "decisions",
                "identity",
                "answer",
                "reminders",
                "stops",
                "status",
                "transcripts",
            )
        ):
            (key,) = [p for p in keyed if p["name"] == "Idempotency-Key"]
            assert key["description"]
    shapes = described["components"]["schemas"]
    assert set(shapes["Problem"]["properties"]) == {"error", "what", "meaning", "next_step"}
    said = shapes["NewComplaint"]
    assert said["examples"]
    assert all(field.get("description") for field in said["properties"].values())


def test_the_example_of_the_description_is_accepted(caller) -> None:
    (example,) = api.get_openapi_schema()["components"]["schemas"]["NewComplaint"]["examples"]
    soon = (timezone.now() - timedelta(hours=1)).isoformat()
    response = caller("complaints:write").post(
        "/complaints", example | {"received_at": soon}, key="k-1"
    )
    assert response.status_code == 201


def test_the_token_is_kept_as_a_hash_only(caller) -> None:
    token = caller("complaints:read").token
    row = ApiClient.objects.get()
    assert token not in {row.name, row.token_hash}
    assert len(row.token_hash) == 64


@pytest.mark.parametrize(
    "wishes",
    [{"name": "crm"}, {"name": ""}, {"scopes": []}, {"scopes": ["all"]}, {"channel": "import"}],
)
def test_a_client_that_makes_no_sense_is_refused(caller, wishes: dict) -> None:
    caller("complaints:read")
    with pytest.raises(UnableToMakeClient):
        make_client(**({"name": "new", "scopes": ["complaints:read"], "now": NOW} | wishes))


def test_revoking_nobody_says_so(db: None) -> None:
    with pytest.raises(UnableToRevokeClient):
        revoke_client("nobody", now=NOW)


def test_posts_are_taken_once_and_are_no_complaints(caller) -> None:
    said = {"source": "weibo", "key": "5", "posted_at": NOW.isoformat(), "text": "整条街都断网了"}
    system = caller("posts:write")
    first = system.post("/posts", [said, said | {"key": "6"}], key="k-1")
    assert (first.status_code, first.json()) == (201, {"accepted": 2, "duplicates": 0})
    assert system.post("/posts", [said], key="k-2").json() == {"accepted": 0, "duplicates": 1}
    assert is_problem(system.post("/posts", [], key="k-3"), 400, "bad_batch")
    no_zone = said | {"key": "7", "posted_at": "2026-01-01T10:00:00"}
    assert is_problem(system.post("/posts", [no_zone], key="k-4"), 400, "post_not_taken")
    assert Complaint.objects.count() == 0


def test_what_may_not_be_sold_is_told_once_until_it_is_lifted(caller) -> None:
    system = caller("freezes:read")
    assert system.get("/freezes").json() == []
    for cause in ("issue:a", "issue:b"):
        freeze("campaign", "spring", cause=cause, reason="unasked", by="mei", now=NOW)
    freeze("launch", "offer-new", cause="issue:a", reason="unasked", by="mei", now=NOW)
    unfreeze("launch", "offer-new", cause="issue:a", reason="mended", by="mei", now=NOW)
    (told,) = system.get("/freezes").json()
    assert (told["kind"], told["ref"]) == ("campaign", "spring")
    assert told.keys() == {"kind", "ref", "since"}
    unfreeze("campaign", "spring", cause="issue:a", reason="mended", by="mei", now=NOW)
    assert len(system.get("/freezes").json()) == 1
