"""Whoever left opens nothing from the next request on, put out of service by a command."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry

from amends.people.access.models import User
from tests.pages.conftest import colleague, signed_in
from tests.shell import amends

pytestmark = pytest.mark.django_db


def test_out_at_once_in_an_open_session_and_back_again() -> None:
    boss = colleague("boss", "administrator")
    colleague("qiao.lin", "handler")
    session = signed_in(User.objects.get(username="qiao.lin"))
    assert session.get("/desk/").status_code == 200
    out = amends("user", "qiao.lin", "--out", "--by", "boss")
    assert (out.code, "no page opens" in out.out) == (0, True)
    assert session.get("/desk/").status_code in (302, 403)
    assert "so already" in amends("user", "qiao.lin", "--out", "--by", "boss").out
    assert amends("complaints", "list", "--by", "qiao.lin").code == 2

    assert "may work" in amends("user", "qiao.lin", "--back", "--by", "boss").out
    person = User.objects.get(username="qiao.lin")
    assert (person.is_active, person.roles) == (True, ["handler"])
    kept = LogEntry.objects.filter(object_id=str(person.pk), user_id=boss.pk)
    assert kept.count() == 2


def test_not_by_others_not_the_last_administrator_and_not_by_nobody() -> None:
    colleague("boss", "administrator")
    colleague("qiao.lin", "handler")
    for arguments, code, said in (
        (("boss", "--out", "--by", "qiao.lin"), 1, "keeps no people"),
        (("boss", "--out", "--by", "boss"), 1, "Nobody would be left"),
        (("nobody", "--out", "--by", "boss"), 2, "Nobody signs in under that name."),
        (("qiao.lin", "--out"), 2, "by whom"),
        (("qiao.lin", "--out", "--back", "--by", "boss"), 2, "either"),
    ):
        refused = amends("user", *arguments)
        assert (refused.code, said in refused.err) == (code, True), refused.err
    assert User.objects.filter(is_active=True).count() == 2


def test_a_person_is_made_with_a_password_to_be_changed() -> None:
    made = amends("user", "wei", "--role", "handler", "--password", "harbour-kite-42")
    assert made.out == (
        "wei can sign in as handler.\n"
        "Within three days, and with a new password from the first sign-in on.\n"
    )
    assert amends("user", "xin", "--password", "harbour-kite-42").code == 2
