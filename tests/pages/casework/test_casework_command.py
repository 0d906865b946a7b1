"""Work on complaints at the shell and over the interface: the same acts with the same rights."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.pages.conftest import Desk, colleague, complain
from tests.pages.portals.conftest import caller
from tests.shell import amends

from amends.cases.complaints.models import Complaint
from amends.entrances.portals.actions.colleagues import bind_colleague
from amends.people.access.queries.staff import actor_of_user

__all__ = ["caller"]
BY = ("--by", "qiao.lin")


@pytest.fixture
def code(desk: Desk) -> str:
    return Complaint.objects.get(id=desk.complaint).code_public


def test_a_note_an_assignment_and_a_follow_up(desk: Desk, code: str) -> None:
    colleague("he.jie", "handler")
    noted = amends("complaints", "note", code, "@he.jie 请看", *BY, "--json").document
    assert (noted["complaint"], noted["notes"]) == (code, 1)
    given = amends("complaints", "assign", code, "--to", "he.jie", *BY, "--json").document
    assert (given["handler"], given["changed"]) == ("he.jie", True)
    again = amends("complaints", "assign", code, "--to", "he.jie", *BY, "--json").document
    assert again["changed"] is False
    assert amends("complaints", "assign", code, *BY).code == 2
    back = amends("complaints", "assign", code, "--queue", *BY, "--json").document
    assert back["handler"] == ""
    day = ("2027-01-04", "--reason", "问仓库")
    dated = amends("complaints", "follow-up", code, *day, *BY, "--json").document
    assert dated["follow_up_on"] == "2027-01-04"
    up = amends(
        "complaints",
        "escalate",
        code,
        "--to",
        "he.jie",
        "--note",
        "已问网络部门，请今天答复。",
        *BY,
    )
    assert up.code == 0, up.err


def test_merge_unmerge_and_split(desk: Desk, code: str) -> None:
    other = Complaint.objects.get(id=complain("n1", "家里宽带一直断线，网速很慢，请来修。"))
    done = amends("complaints", "merge", other.code_public, code, *BY, "--json").document
    assert done["complaint"] == code
    undone = amends("complaints", "unmerge", other.code_public, *BY, "--json").document
    assert (undone["complaint"], undone["merged_into"]) == (other.code_public, "")
    contact = other.contacts.get().id
    assert amends("complaints", "split", other.code_public, "--contact", contact, *BY).code == 1


def test_teams_and_workload_give_the_same_document_everywhere(
    desk: Desk, code: str, caller: Any
) -> None:
    colleague("zhou.hua", "manager")
    saved = amends(
        "teams",
        "save",
        "billing",
        "--title",
        "Billing",
        "--member",
        "qiao.lin",
        "--class",
        "billing",
        "--by",
        "zhou.hua",
        "--json",
    ).document
    assert saved["teams"][0]["members"] == ["qiao.lin"]
    amends("complaints", "assign", code, "--team", "billing", *BY)
    listed = amends("complaints", "workload", "--by", "zhou.hua", "--json").document
    client = caller("casework:read")
    assert client.get("/workload").json()["queues"] == listed["queues"]
    assert client.get("/teams").json() == amends("teams", "list", "--json").document
    assert "@billing" in amends("complaints", "workload", "--by", "zhou.hua").out
    assert amends("complaints", "workload", *BY).code == 1
    assert (
        client.post("/complaints/x/notes", {"by": "qiao.lin", "text": "x"}, key="n").status_code
        == 403
    )


def test_the_interface_acts_with_the_rights_of_the_colleague(
    desk: Desk, code: str, caller: Any, client: Client
) -> None:
    crm = caller("casework:write")
    root = actor_of_user(colleague("root", "administrator"))
    colleague("wu.fan", "privacy_officer")
    for name in ("qiao.lin", "wu.fan"):
        bind_colleague("crm", name, actor=root, now=timezone.now())
    note = {"by": "qiao.lin", "text": "客户来电"}
    for _sent in range(2):
        answer = crm.post(f"/complaints/{code}/notes", note, key="n-1")
        assert (answer.status_code, answer.json()["notes"]) == (200, 1)
    refused = crm.post(f"/complaints/{code}/notes", {"by": "wu.fan", "text": "x"}, key="n-2")
    assert refused.status_code in (400, 404)
    taken = crm.post(f"/complaints/{code}/assignment", {"by": "qiao.lin", "to": "qiao.lin"})
    assert taken.json()["handler"] == "qiao.lin"
    other = Complaint.objects.get(id=complain("n1", "家里宽带一直断线，网速很慢，请来修。"))
    merged = crm.post(f"/complaints/{other.code_public}/merge", {"by": "qiao.lin", "into": code})
    assert merged.json()["complaint"] == code
    plum = caller("casework:write", name="plum", brand="plum")
    bind_colleague("plum", "qiao.lin", actor=root, now=timezone.now())
    other = plum.post(f"/complaints/{code}/notes", {"by": "qiao.lin", "text": "x"}, key="n-3")
    assert other.status_code in (400, 404)
