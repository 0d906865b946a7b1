"""A client acts for the colleagues it is bound to, or as itself, and the record shows both."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from amends.cases.complaints.models import Complaint, Event
from amends.entrances.portals.actions.colleagues import bind_colleague, release_colleague
from amends.entrances.portals.models import ClientColleague
from amends.people.access.queries.staff import actor_of_user
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import AmendsError
from amends.work.casework.models import ComposerDraft, InternalNote
from amends.work.casework.texts.timeline import timeline
from shell import amends
from tests.pages.conftest import Desk, colleague, signed_in
from tests.pages.conftest import desk as desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def root() -> Actor:
    return actor_of_user(colleague("root", "administrator"))


@pytest.fixture
def code(desk: Desk) -> str:
    return Complaint.objects.get(id=desk.complaint).code_public


def calls(crm: Any, code: str, by: str) -> list[int]:
    """The statuses of each operation for a colleague."""
    return [
        crm.post(f"/complaints/{code}/{what}", body | {"by": by}, key=f"k-{what}-{by}").status_code
        for what, body in (
            ("notes", {"text": "Caller was angry."}),
            ("assignment", {"to": ""}),
            ("merge", {"into": code}),
        )
    ]


def test_a_client_acts_for_nobody_it_is_not_bound_to(
    desk: Desk, code: str, caller: Any, root: Actor
) -> None:
    colleague("wang.wu", "senior_handler")
    crm, other = caller("casework:write"), caller("casework:write", name="other")
    bind_colleague("other", "wang.wu", actor=root, now=timezone.now())
    for by in ("wang.wu", "nobody.here"):
        assert calls(crm, code, by) == [403, 403, 403], by
    answer = crm.post(f"/complaints/{code}/notes", {"text": "x", "by": "wang.wu"}, key="n")
    assert answer.json()["error"] == "colleague_not_bound"
    assert not InternalNote.objects.exists()
    assert (
        other.post(f"/complaints/{code}/notes", {"text": "x", "by": "wang.wu"}, key="n").status_code
        == 200
    )


def test_the_record_shows_colleague_and_client(
    desk: Desk, code: str, caller: Any, root: Actor
) -> None:
    person = colleague("wang.wu", "senior_handler")
    crm = caller("casework:write")
    bind_colleague("crm", "wang.wu", actor=root, now=timezone.now())
    ComposerDraft.objects.create(
        kind="complaint",
        key=desk.complaint,
        person=person.ref,
        mode="note",
        text="Half a note",
        saved_at=timezone.now(),
    )
    crm.post(f"/complaints/{code}/notes", {"text": "Called back.", "by": "wang.wu"}, key="n-1")
    crm.post(f"/complaints/{code}/assignment", {"to": "wang.wu", "by": "wang.wu"})
    note = InternalNote.objects.get()
    assert (note.author, note.client) == (person.ref, "crm")
    assert ComposerDraft.objects.exists(), "what a person is writing is theirs"
    event = Event.objects.get(verb="taken")
    assert (event.actor, event.details["client"]) == (person.ref, "crm")
    page = signed_in(person).get(f"/desk/c/{desk.complaint}/").content.decode()
    assert page.count("wang.wu, through crm") == 2


def test_without_a_colleague_a_client_acts_as_itself(desk: Desk, code: str, caller: Any) -> None:
    crm = caller("casework:write")
    assert (
        crm.post(f"/complaints/{code}/notes", {"text": "From the shop."}, key="n-1").status_code
        == 200
    )
    assert (
        crm.post(f"/complaints/{code}/assignment", {"reason": "Back to the queue"}).status_code
        == 200
    )
    note = InternalNote.objects.get()
    assert note.author.startswith("client-")
    [entry] = timeline("complaint", desk.complaint)
    assert entry.actor_name == "crm"
    plum = caller("casework:write", name="plum", brand="plum")
    assert plum.post(f"/complaints/{code}/notes", {"text": "x"}, key="n-2").status_code == 400


def test_only_an_administrator_binds_and_within_the_brand(caller: Any, root: Actor) -> None:
    caller("casework:write", name="plum", brand="plum")
    colleague("of.pear", "handler", brand="pear")
    colleague("of.plum", "handler", brand="plum")
    now = timezone.now()
    with pytest.raises(AmendsError, match="for another"):
        bind_colleague("plum", "of.pear", actor=root, now=now)
    with pytest.raises(AmendsError, match="role"):
        bind_colleague(
            "plum", "of.plum", actor=actor_of_user(colleague("li.na", "manager")), now=now
        )
    assert bind_colleague("plum", "of.plum", actor=root, now=now)
    assert not bind_colleague("plum", "of.plum", actor=root, now=now)
    row = ClientColleague.objects.get()
    assert release_colleague("plum", row.colleague, actor=root, now=now)
    row.refresh_from_db()
    assert row.released_by == root.ref


def test_clients_are_bound_by_command_and_page(caller: Any, root: Actor, client: Client) -> None:
    caller("casework:write")
    person = colleague("wang.wu", "handler")
    assert amends("client", "crm", "--bind", "wang.wu").code == 2, "an administrator is needed"
    done = amends("client", "crm", "--bind", "wang.wu", "--by", "root")
    assert (done.code, "wang.wu" in done.out) == (0, True)
    amends("client", "crm", "--release", "wang.wu", "--by", "root")
    assert not ClientColleague.objects.filter(released_at=None).exists()
    assert signed_in(person).get("/desk/settings/clients/").status_code == 403
    from amends.people.access.models import User

    page = signed_in(User.objects.get(username="root"))
    form = {"client": "crm", "colleague": "wang.wu"}
    assert page.post("/desk/settings/clients/bind/", form).status_code == 302
    assert ClientColleague.objects.get(released_at=None).colleague == person.ref
    assert "wang.wu" in page.get("/desk/settings/clients/").content.decode()
    page.post("/desk/settings/clients/release/", {"client": "crm", "colleague": person.ref})
    assert not ClientColleague.objects.filter(released_at=None).exists()
