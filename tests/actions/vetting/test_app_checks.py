"""Apps sent in: read apart, judged, remembered, decided on, and asked for by the gate."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation

from amends.causes.vetting.actions import inspect_process
from amends.causes.vetting.actions.decide_app import agree_host, decide_app
from amends.causes.vetting.actions.inspect_process import inspect_file
from amends.causes.vetting.actions.send_app import FILES, check_waiting, send_app
from amends.causes.vetting.choices import CheckState
from amends.causes.vetting.models import AppCheck, RegisteredService
from amends.causes.vetting.queries.checks import checks, finding_texts, history
from amends.causes.vetting.rules.apk.archive import Archive
from amends.causes.vetting.rules.apk.errors import UnableToReadApk
from amends.causes.vetting.rules.other_scanners import UnableToReadReport, read_report
from amends.causes.vetting.texts.checks import refusal_text
from amends.people.partners.actions.contract import sign_contract
from amends.people.partners.actions.register import register_partners
from amends.people.partners.queries import PartnerView
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import AmendsError
from amends.platform.registry import check_gate
from amends.record.ledger.models import SingleFact
from amends.work.casework.actions.add_note import add_note
from amends.work.casework.texts.timeline import timeline
from apk_builder import PACKAGE, apk, manifest
from shell import amends

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 1, 4, tzinfo=UTC)
MANAGER = Actor("user", "usr-manager", ("partner_manager",))
OTHER = Actor("user", "usr-other", ("manager",))
VENDOR = Actor("user", "usr-vendor", ("agent",), partner="xs")
CONTACTS = manifest(permissions=("INTERNET", "READ_CONTACTS"))


def sent(data: bytes, *, actor: Actor = VENDOR, service: str = "", hours: int = 0) -> AppCheck:
    """An app that was sent in and checked by the job."""
    now = NOW + timedelta(hours=hours)
    row = send_app("a.apk", data, app_type="flashlight", service=service, actor=actor, now=now)
    assert row.state == "waiting"
    assert check_waiting(now=now) == 1
    row.refresh_from_db()
    return row


def test_an_app_is_checked_after_the_answer_and_stated_as_a_fact() -> None:
    row = sent(apk(CONTACTS))
    assert (row.package, row.version, row.verdict, row.partner) == (PACKAGE, "1.7", "reject", "xs")
    [finding] = finding_texts(row)
    assert finding.code == "PERMISSION_EXCESS"
    assert "通讯录" in finding.why
    assert "337号第7项" in finding.item
    assert SingleFact.objects.filter(kind="AppChecked", subject=PACKAGE).count() == 1
    assert row.file_key is None
    assert not (settings.MEDIA_ROOT / FILES.path(row.ref)).exists()


def test_what_cannot_be_read_says_why_in_the_reader_s_language() -> None:
    row = sent(b"PK not an app")
    assert (row.state, row.verdict) == ("unreadable", "")
    with translation.override("zh-hans"):
        assert "压缩包已损坏" in refusal_text(row)


def test_a_changed_certificate_is_found_until_it_is_accepted() -> None:
    assert sent(apk()).verdict == "pass"
    changed = sent(apk(key="another"), hours=1)
    assert [one.code for one in finding_texts(changed)] == ["CERTIFICATE_CHANGED"]
    again = sent(apk(key="another"), hours=2)
    assert again.verdict == "reject"
    changed.refresh_from_db()
    assert (changed.is_open, changed.outcome) == (False, "replaced")
    decide_app(again.ref, accept=True, reason="Sold; confirmed.", actor=MANAGER, now=NOW)
    assert sent(apk(key="another"), hours=3).verdict == "pass"


def test_the_gate_of_a_launch_follows_the_newest_app() -> None:
    register_partners([PartnerView("xs", "provider", "星声", "Star Sound")])
    sign_contract("xs", roles=("provide",), valid_from=NOW - timedelta(days=9), ref="c-xs")
    RegisteredService.objects.create(
        ref="offer-1", origin="app", provider="xs", contract="c-xs", changed_at=NOW
    )

    def state() -> str:
        return check_gate("vetting", "offer-1").state

    assert state() == "open"
    rejected = sent(apk(CONTACTS), service="offer-1")
    assert state() == "red"
    assert "PERMISSION_EXCESS" in check_gate("vetting", "offer-1").reason
    decide_app(rejected.ref, accept=True, reason="Contacts are picked.", actor=OTHER, now=NOW)
    assert state() == "green"
    sent(b"PK damaged", service="offer-1", hours=1)
    assert state() == "green", "what cannot be read replaces nothing"
    sent(apk(), service="offer-1", hours=2)
    assert state() == "green"


def test_nobody_accepts_an_app_they_sent_in() -> None:
    row = sent(apk(CONTACTS), actor=MANAGER)
    with pytest.raises(AmendsError, match="You sent in this app"):
        decide_app(row.ref, accept=True, reason="Mine.", actor=MANAGER, now=NOW)
    with pytest.raises(AmendsError, match="role"):
        decide_app(row.ref, accept=True, reason="Mine.", actor=VENDOR, now=NOW)
    decide_app(row.ref, accept=False, reason="Takes contacts.", actor=MANAGER, now=NOW)


def test_an_agreed_host_is_known() -> None:
    data = apk(code={"LA;": (("text", "https://api.agreed.top/x"),)})
    assert sent(data).verdict == "conditions"
    agree_host("agreed.top", reason="Delivery of content.", actor=MANAGER, now=NOW)
    assert sent(data, hours=1).verdict == "pass"


def test_a_check_is_a_case_that_partners_do_not_see() -> None:
    row = sent(apk(CONTACTS))
    add_note("app_check", row.ref, text="Call them.", actor=MANAGER, now=NOW)
    assert [one.words for one in timeline("app_check", row.ref)] == ["Call them."]
    with pytest.raises(AmendsError):
        add_note("app_check", row.ref, text="Seen.", actor=VENDOR, now=NOW)
    assert list(checks(partner="others")) == []


def test_a_partner_who_claims_the_package_of_another_neither_sees_nor_replaces_its_checks() -> None:
    theirs = sent(apk(CONTACTS))
    rival = Actor("user", "usr-rival", ("agent",), partner="yy")
    mine = sent(apk(CONTACTS), actor=rival, hours=1)
    theirs.refresh_from_db()
    assert theirs.is_open
    assert list(history(mine, partner="yy")) == []
    assert list(history(mine)) == [theirs]


def test_an_app_that_exhausts_its_reader_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.apk"
    path.write_bytes(apk())
    limits = replace(inspect_process.READER_LIMITS, wait_s=0.001)
    monkeypatch.setattr(inspect_process, "READER_LIMITS", limits)
    with pytest.raises(UnableToReadApk, match="limits of time and memory"):
        inspect_file(path)


def test_an_app_that_unpacks_to_far_more_than_apps_do_is_refused_at_once(tmp_path: Path) -> None:
    """Each part small enough, all together 988 MB of 2 MB: reading it took a minute of processor."""
    path = tmp_path / "a.apk"
    path.write_bytes(apk(files={f"assets/{number}": bytes(19_000_000) for number in range(52)}))
    began = time.process_time()
    with pytest.raises(UnableToReadApk, match="unpack to far more"), path.open("rb") as file:
        Archive(file)
    assert time.process_time() - began < 1


def test_a_sender_with_many_apps_delays_others_by_one_at_most() -> None:
    rival = Actor("user", "usr-rival", ("agent",), partner="yy")
    for hours, actor in enumerate((*[VENDOR] * 5, rival)):
        now = NOW + timedelta(hours=hours)
        other = send_app("a.apk", apk(), app_type="flashlight", actor=actor, now=now)
    assert check_waiting(now=now) == 2
    other.refresh_from_db()
    assert other.state == CheckState.CHECKED
    assert AppCheck.objects.filter(state=CheckState.WAITING).count() == 4


def test_the_command_gives_the_document(tmp_path: Path) -> None:
    old, new, report = tmp_path / "old.apk", tmp_path / "new.apk", tmp_path / "report.json"
    old.write_bytes(apk())
    new.write_bytes(apk(CONTACTS, key="another"))
    done = amends("vetting", "check", new, "--type", "flashlight", "--against", old, "--json")
    assert done.code == 1
    document = json.loads(done.out)
    assert document["verdict"] == "reject"
    assert {one["code"] for one in document["findings"]} == {
        "CERTIFICATE_CHANGED",
        "PERMISSION_EXCESS",
    }
    assert {"code", "item", "severity", "evidence"} <= document["findings"][0].keys()
    report.write_text(json.dumps({"handle": PACKAGE, "trackers": [{"name": "Tracker X"}]}))
    done = amends("vetting", "check", old, "--report", report, "--json")
    assert [one["code"] for one in json.loads(done.out)["findings"]] == ["TRACKER"]
    old.write_bytes(b"text")
    assert amends("vetting", "check", old).code == 2


def test_reports_of_mobsf_are_read() -> None:
    document = {
        "package_name": PACKAGE,
        "manifest_analysis": {
            "manifest_findings": [
                {"rule": "app_is_debuggable", "title": "Debug Enabled For App", "severity": "high"},
                {"rule": "unknown", "title": "Something else", "severity": "info"},
            ]
        },
        "certificate_analysis": {"certificate_findings": [["warning", "SHA1 used", "Weak hash"]]},
        "trackers": {"trackers": [{"Firebase": "https://reports.example"}]},
    }
    found = [(one.code, one.severity) for one in read_report(document, package=PACKAGE)]
    assert found == [("DEBUGGABLE", "high"), ("WEAK_SIGNATURE", "medium"), ("TRACKER", "medium")]
    with pytest.raises(UnableToReadReport, match="of the app"):
        read_report(document, package="com.other")
    with pytest.raises(UnableToReadReport, match="neither"):
        read_report([1], package=PACKAGE)


@pytest.mark.parametrize(
    "document",
    [
        {"trackers": "x"},
        {"trackers": {"trackers": "x"}},
        {"trackers": [None]},
        {"manifest_analysis": "x"},
        {"manifest_analysis": {"manifest_findings": {"a": 1}}},
        {"manifest_analysis": {"manifest_findings": ["x"]}},
        {"manifest_analysis": {}, "trackers": ["x"]},
        {"certificate_analysis": {"certificate_findings": ["x"]}},
    ],
    ids=str,
)
def test_a_report_of_another_shape_is_refused_with_the_form_that_is_wanted(document: Any) -> None:
    with pytest.raises(UnableToReadReport, match="does not have the form") as refused:
        read_report(document, package=PACKAGE)
    assert '"trackers": [{"name"' in str(refused.value)


def test_a_report_without_findings_is_one() -> None:
    for document in ({"trackers": []}, {"manifest_analysis": {}, "trackers": None}):
        assert read_report(document, package=PACKAGE) == []


def test_the_demonstration_shows_an_app_that_its_gate_stops() -> None:
    from amends.causes.vetting.demonstration import chapter

    chapter(seed=1, now=NOW, staff={"manager": OTHER})
    newest, before = checks().filter(service="launch-campus-49")
    assert (before.verdict, newest.verdict) == ("pass", "reject")
    answer = check_gate("vetting", "launch-campus-49")
    assert answer.state == "red"
    assert "CERTIFICATE_CHANGED" in answer.reason
