"""A script does at the shell what a handler does on the desk's pages, with the same rights."""

from __future__ import annotations

import io
import stat
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from amends.cases.complaints.jobs.pipeline import process
from amends.cases.complaints.models import Complaint, Event
from amends.cases.complaints.rules.states import tmf_status
from amends.channels.models import OutboxMessage
from amends.people.access.models import User
from amends.people.access.queries import looks_in
from amends.record.ledger.actions.sequence import sequence
from amends.record.ledger.queries import facts_about
from tests.actions.complaints.conftest import NOW, PHONE
from tests.pages.conftest import Desk, colleague, complain, complaint_page
from tests.shell import amends

BY = ("--by", "qiao.lin")
LATER = NOW + timedelta(hours=1)
WHY = "The caller cannot reach an ambulance."
TEXT = ("--customer-text", "We give a part of it back.")


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: LATER)


def _code(ref: str) -> str:
    return Complaint.objects.get(id=ref).code_public


@pytest.mark.parametrize("option", ["--class", "--state", "--channel", "--area", "--verdict"])
def test_a_filter_nothing_could_pass_is_refused(desk: Desk, option: str) -> None:
    told = amends("complaints", "list", *BY, option, "nonsense")
    assert told.code == 2
    assert f"{option}: Nothing has the code “nonsense”. Choose one of" in told.err
    Complaint.objects.update(area="an-old-area", channel="an-old-way", code="an.old_class")
    for met in (
        ("--area", "an-old-area"),
        ("--channel", "an-old-way"),
        ("--class", "an.old_class"),
    ):
        found = amends("complaints", "list", *BY, *met, "--json").document["complaints"]
        assert len(found) == 1, "what stands in the records can be asked for"


@pytest.fixture
def stranger(desk: Desk) -> Complaint:
    """A complaint whose contact belongs to nobody on record."""
    ref = complain("k-9", phone="", email="somebody@example.org", identity="", channel="web")
    process(now=NOW)
    return Complaint.objects.get(id=ref)


def test_the_inbox_and_one_complaint_without_a_word_about_the_person(desk: Desk) -> None:
    code = _code(desk.complaint)
    listed = amends("complaints", "list", *BY, "--json")
    assert [one["complaint"] for one in listed.document["complaints"]] == [code]
    for asked in (("--words", PHONE), ("--words", code), ("--verdict", "upheld")):
        found = amends("complaints", "list", *BY, *asked, "--json").document["complaints"]
        assert [one["complaint"] for one in found] == [code], asked
    other = amends("complaints", "list", *BY, "--verdict", "not_upheld", "--json")
    assert other.document["complaints"] == []
    assert amends("complaints", "list", *BY, "--view", "late", "--json").document == {
        "complaints": [],
        "after": "",
    }
    shown = amends("complaints", "show", code.lower(), *BY, "--json")
    found = shown.document
    assert (found["complaint"], found["state"], found["verdict"]) == (
        code,
        "investigating",
        "upheld",
    )
    assert found["tmf621_status"] == tmf_status("investigating") == "inProgress"
    assert "withdraw" in found["moves"]
    assert "grant" not in found["moves"]
    assert "彩铃" not in listed.out
    for said in (listed.out, shown.out, amends("complaints", "show", code, *BY).out):
        assert PHONE not in said


def test_one_complaint_is_shown_with_its_dossier_and_the_look_is_recorded(desk: Desk) -> None:
    code, case = _code(desk.complaint), Complaint.objects.get(id=desk.complaint).case
    before = len(looks_in(case))
    rows = amends("complaints", "show", code, *BY, "--json").document["dossier"]
    assert rows
    assert {"question", "asked", "answer", "found", "missing", "source", "facts"} == set(rows[0])
    assert len(looks_in(case)) > before
    said = amends("complaints", "show", code, *BY).out
    assert all(row["asked"] in said for row in rows)


def test_who_reads_need_not_be_named_where_it_is_plain(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = _code(desk.complaint)
    User.objects.exclude(username="qiao.lin").update(is_active=False)
    assert code in amends("complaints", "list").out
    assert amends("complaints", "show", code).out.startswith(code)
    colleague("pear.one")
    monkeypatch.setattr("getpass.getuser", lambda: "nobody-here")
    refused = amends("complaints", "list")
    assert (refused.code, "--by NAME" in refused.err) == (2, True)
    monkeypatch.setattr("getpass.getuser", lambda: "qiao.lin")
    assert code in amends("complaints", "list").out


def test_commands_warn_where_nobody_has_chosen_a_country(desk: Desk, settings: Any) -> None:
    assert "rules of China" not in amends("complaints", "list", *BY).err
    settings.JURISDICTION_CHOSEN = False
    told = amends("complaints", "list", *BY)
    assert "No country is chosen, so the rules of China (cn) apply." in told.err
    assert told.code == 0


def test_naming_the_subscriber_and_a_document_from_command_to_fact(
    stranger: Complaint, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = stranger.code_public
    refused = amends("complaints", "document", code, *BY, "--compared")
    assert (refused.code, "Name the subscriber first" in refused.err) == (1, True)
    nobody = amends("complaints", "name-subscriber", code, *BY, "--number", "13811112222")
    assert (nobody.code, "We know no subscriber by this number." in nobody.err) == (1, True)

    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PHONE}\n"))
    named = amends("complaints", "name-subscriber", code, *BY, "--json").document
    assert (named["subscriber_named"], named["code_sent"], named["identity"]) == (
        True,
        True,
        "asked",
    )
    assert OutboxMessage.objects.filter(
        reference=stranger.id, key__startswith="challenge:"
    ).exists()

    uncompared = amends("complaints", "document", code, *BY)
    assert (uncompared.code, "tick that you compared" in uncompared.err) == (1, True)
    shown = amends("complaints", "document", code, *BY, "--compared", "--json").document
    assert (shown["identity"], shown["contact_told"]) == ("verified", True)
    event = Event.objects.get(complaint=stranger, verb="identity_verified")
    assert (event.actor, event.reason) == (desk.handler.ref, "counter_document")
    process(now=LATER)
    stranger.refresh_from_db()
    assert stranger.case


def test_urgent_and_its_lifting_are_written_down(desk: Desk) -> None:
    code = _code(desk.complaint)
    marked = amends("complaints", "urgent", code, *BY, "--reason", WHY, "--json").document
    assert (marked["urgent"], marked["deadline_moved"]) == (True, False)
    twice = amends("complaints", "urgent", code, *BY, "--reason", WHY)
    assert (twice.code, "It is so already." in twice.err) == (1, True)
    lifted = amends("complaints", "urgent", code, *BY, "--reason", "It works again.", "--lift")
    assert "No longer marked urgent." in lifted.out
    verbs = Event.objects.filter(complaint=desk.complaint, actor=desk.handler.ref)
    assert {"urgent", "not_urgent"} <= set(verbs.values_list("verb", flat=True))


def test_taken_moved_and_approved_as_on_the_page(desk: Desk) -> None:
    code = _code(desk.complaint)
    assert amends("complaints", "take", code, *BY, "--json").document["handler"] == "qiao.lin"
    assert not amends("complaints", "take", code, *BY, "--json").document["changed"]
    assert amends("complaints", "hand-back", code, *BY, "--json").document["handler"] == ""

    by_rule = amends("complaints", "move", code, "grant", *BY)
    assert (by_rule.code, "follows from a decision" in by_rule.err) == (1, True)
    done = amends("complaints", "approve", code, *BY, "--json").document
    assert done["state"] == "implementing"
    kinds = {fact.kind for fact in facts_about(desk.world.person)}
    assert {"DecisionMade", "ReplySent"} & kinds
    assert amends("complaints", "approve", code, *BY).code == 1


def test_overruled_with_a_reason_and_a_class_set_right(desk: Desk) -> None:
    code = _code(desk.complaint)
    bad = amends(
        "complaints", "overrule", code, "upheld", *BY, "--reason", WHY, *TEXT, "--amount", "1e"
    )
    assert (bad.code, "cannot be read" in bad.err) == (2, True)
    said = ("--reason", "The song was used for a month.", *TEXT, "--amount", "5.50")
    done = amends("complaints", "overrule", code, "partly_upheld", *BY, *said, "--json").document
    assert (done["verdict"], done["amount_minor"], done["currency"]) == (
        "partly_upheld",
        550,
        "CNY",
    )
    same = amends("complaints", "class", code, Complaint.objects.get(id=desk.complaint).code, *BY)
    assert same.code == 2
    right = amends("complaints", "class", code, "network.speed", *BY, "--json")
    assert right.document["class"] == "network.speed"
    assert Event.objects.filter(complaint=desk.complaint, verb="corrected").count() == 1


@pytest.mark.parametrize(
    ("language", "said"), [("en", "no amount is fixed"), ("zh-hans", "金额没有规定")]
)
def test_who_decides_an_amount_reads_what_the_rules_say_of_its_class(
    desk: Desk, language: str, said: str
) -> None:
    desk.client.cookies["amends_language"] = language

    def dialog() -> str:
        html = complaint_page(desk.client, desk.complaint)
        return html.split('id="overrule"')[1].split("</dialog>")[0]

    assert said not in dialog(), "a charge is no planned interruption"
    Complaint.objects.filter(id=desk.complaint).update(
        code="network.outage", received_at=datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
    )
    assert said in dialog()


def test_an_enquiry_is_taken_up_or_answered(desk: Desk) -> None:
    refused = amends("complaints", "answer", _code(desk.complaint), "It is so.", *BY)
    assert (refused.code, "needs a decision" in refused.err) == (2, True)
    assert not amends("complaints", "take-up", _code(desk.complaint), *BY, "--json").document[
        "changed"
    ]


def test_the_evidence_file_is_written_for_whoever_is_let_in(desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "evidence.zip"
    code = _code(desk.complaint)
    early = amends("complaints", "evidence", code, *BY, "--out", out)
    assert (early.code, "are not numbered yet" in early.err) == (1, True)
    assert sequence(now=LATER, holder="test") is not None
    assert amends("complaints", "evidence", code, *BY, "--out", out, "--json").code == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert "proof.json" in zipfile.ZipFile(out).namelist()
    assert facts_about(desk.world.person, kinds={"DataAccessed"})
    again = amends("complaints", "evidence", code, *BY, "--out", out)
    assert (again.code, "is there already" in again.err) == (2, True)


def test_others_see_and_change_nothing(desk: Desk) -> None:
    code = _code(desk.complaint)
    colleague("shen.yu", "privacy_officer")
    colleague("pear.one", "handler", brand="pear")
    for act in (
        ("show", code),
        ("list",),
        ("urgent", code, "--reason", WHY),
        ("approve", code),
        ("document", code, "--compared"),
        ("name-subscriber", code, "--number", PHONE),
        ("overrule", code, "upheld", "--reason", WHY, *TEXT),
        ("move", code, "withdraw"),
    ):
        refused = amends("complaints", *act, "--by", "shen.yu")
        assert (refused.code, refused.out) == (1, ""), act
        assert "Nothing was shown and nothing changed." in refused.err
        if act[0] != "list":
            assert amends("complaints", *act, "--by", "pear.one").code == 2, act
    assert amends("complaints", "list", "--by", "pear.one", "--json").document["complaints"] == []
    assert amends("complaints", "show", "AAAA-BBBB-CCCC", *BY).code == 2
