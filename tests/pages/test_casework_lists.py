"""Export of a view, shared views, several values of a filter, pictures in the page, callers."""

from __future__ import annotations

import base64
import csv
import io
import re
from datetime import timedelta

import pytest
from django.test import Client

from amends.cases.complaints.actions.attach import NewFile, attach
from amends.cases.complaints.jobs.identity_codes import send_codes
from amends.cases.complaints.models import Complaint, Contact, Identity
from amends.cases.complaints.queries.inbox import InboxFilter, page, value_counts
from amends.people.access.queries import looks_at
from amends.work.casework.actions.assign import assign_to_team
from amends.work.casework.models import Team
from tests.actions.complaints.conftest import NOW, PHONE
from tests.pages.conftest import Desk, colleague, complain, signed_in

NETWORK = "家里宽带这几天晚上一直断线，网速很慢，请派人来修。"
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def rows_of(client: Client, address: str) -> list[list[str]]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_an_export_has_the_rows_of_the_page_masked(desk: Desk) -> None:
    complain("n1", NETWORK)
    heading, *rows = rows_of(desk.client, "/desk/export/?view=open")
    assert len(rows) == 2
    assert heading[0] == "Complaint"
    assert PHONE not in str(rows)
    answer = desk.client.get("/desk/export/?view=open&code=network.speed,network.outage")
    assert re.search(r"complaints-open-[01]\.csv", answer.headers["Content-Disposition"])


def test_a_cell_that_a_spreadsheet_would_compute_is_none(desk: Desk) -> None:
    Complaint.objects.filter(id=desk.complaint).update(first_words="=HYPERLINK(1)")
    _heading, row = rows_of(desk.client, "/desk/export/?view=open")
    assert not row[-1].startswith("=")


def test_a_search_is_not_exported(desk: Desk) -> None:
    assert desk.client.get("/desk/export/?words=ringtone").status_code == 400


def test_another_brand_exports_nothing_of_it(desk: Desk) -> None:
    other = signed_in(colleague("sun.bo", "handler", brand="other"))
    assert len(rows_of(other, "/desk/export/?view=open")) == 1


def test_a_view_is_shared_with_a_team_of_ones_own(desk: Desk) -> None:
    team = Team.objects.create(slug="billing", title="Billing")
    friend = colleague("he.jie", "handler")
    view = {"name": "Bills", "address": "view=open&code=billing.fee", "team": "billing"}
    assert desk.client.post("/desk/views/save/", view).status_code == 422
    for person in (desk.handler, friend):
        team.members.create(person=person.ref)
    assert desk.client.post("/desk/views/save/", view).status_code == 302
    assert "Bills" in signed_in(friend).get("/desk/").content.decode()
    stranger = signed_in(colleague("ma.li", "handler"))
    assert "Bills" not in stranger.get("/desk/").content.decode()


def test_a_filter_takes_several_values_and_counts_each(desk: Desk) -> None:
    network = Complaint.objects.get(id=complain("n1", NETWORK))
    rude = Complaint.objects.get(id=complain("n2", "客服态度很差，电话里骂人。"))
    both = InboxFilter(code=f"{network.code},{rude.code}")
    assert {row["id"] for row in page(both, now=NOW).rows} == {network.id, rude.id}
    counts = value_counts(both, "code", now=NOW)
    assert counts[network.code] == 1
    assert sum(counts.values()) == 3, "what is chosen of the filter itself does not narrow"
    html = desk.client.get(f"/desk/?code={network.code},{rude.code}").content.decode()
    assert network.code_public in html or "***" in html


def test_lists_by_team_and_by_handler(desk: Desk) -> None:
    Team.objects.create(slug="billing", title="Billing")
    from amends.people.access.queries import actor_with_ref

    actor = actor_with_ref(desk.handler.ref)
    assign_to_team("complaint", [desk.complaint], "billing", actor=actor, now=NOW)
    html = desk.client.get("/desk/?team=billing&owner=nobody").content.decode()
    assert "Billing" in html
    assert desk.complaint in html
    assert desk.complaint not in desk.client.get("/desk/?owner=usr-1").content.decode()


def test_a_picture_is_shown_in_the_page_and_nothing_else(desk: Desk) -> None:
    contact = Contact.objects.get(complaint=desk.complaint)
    picture, text = attach(
        contact.id, [NewFile("a.png", PICTURE), NewFile("b.txt", b"ten yuan")], now=NOW
    )
    shown = desk.client.get(f"/desk/c/{desk.complaint}/files/{picture}/preview/")
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/png")
    assert shown.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    refused = desk.client.get(f"/desk/c/{desk.complaint}/files/{text}/preview/")
    assert refused.status_code == 404
    assert b"ten yuan" not in refused.content


@pytest.mark.parametrize("number", ["12", "", "abc"])
def test_a_caller_is_looked_up_by_a_whole_number(desk: Desk, number: str) -> None:
    assert desk.client.post("/desk/caller/", {"number": number}).status_code == 400


def test_a_caller_shows_who_they_are_with_a_code(desk: Desk) -> None:
    Complaint.objects.filter(id=desk.complaint).update(identity=Identity.UNVERIFIED)
    before = len(looks_at(desk.world.person))
    html = desk.client.post("/desk/caller/", {"number": PHONE}).content.decode()
    code = Complaint.objects.get(id=desk.complaint).code_public
    assert code in html
    assert PHONE not in html.replace(f'value="{PHONE}"', "")
    assert len(looks_at(desk.world.person)) == before + 1, "the person can read that we looked"
    desk.client.post(f"/desk/c/{desk.complaint}/identity/")
    send_codes(now=NOW + timedelta(minutes=1))
    wrong = desk.client.post(f"/desk/c/{desk.complaint}/code/", {"code": "000000"})
    assert wrong.status_code == 422
    assert "The code is not right" in wrong.content.decode()
    from tests.pages.portals.conftest import code_sent_for

    right = {"code": code_sent_for(code)}
    assert desk.client.post(f"/desk/c/{desk.complaint}/code/", right).status_code == 302
    assert Complaint.objects.get(id=desk.complaint).identity == Identity.VERIFIED


def test_several_values_are_chosen_on_a_page_with_counts(desk: Desk) -> None:
    network = Complaint.objects.get(id=complain("n1", NETWORK))
    html = desk.client.get("/desk/filters/?view=open&words=").content.decode()
    assert f'value="{network.code}"' in html
    this = Complaint.objects.get(id=desk.complaint)
    listed = desk.client.get(f"/desk/?view=open&code={network.code}&code={this.code}")
    html = listed.content.decode()
    assert network.id in html
    assert this.id in html
    row = re.search(rf'href="/desk/c/{network.id}/\?([^"]*)"', html)
    assert row
    assert "%2C" in row[1], "the queue beside the complaint is the same list"
    chosen = desk.client.get(f"/desk/filters/?code={network.code}").content.decode()
    assert f'value="{network.code}" checked' in chosen
    assert f'value="{this.code}"' in chosen, "the other values can still be added"


def test_the_inbox_names_the_handler_and_exports(desk: Desk) -> None:
    from amends.cases.complaints.actions.assign import take
    from amends.people.access.queries import actor_with_ref

    take([desk.complaint], actor=actor_with_ref(desk.handler.ref), now=NOW)
    html = desk.client.get("/desk/").content.decode()
    assert '<td class="owner clip" title="qiao.lin">' in html
    assert "/desk/export/" in html
