"""What goes to the regulator: everything a verdict rests on, verified by a stranger, and kept."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import translation
from tests.actions.complaints.conftest import NOW, PHONE, World

from amends.cases.complaints.actions.escalate_to_regulator import (
    close,
    declare_deadlock,
    escalate_to_regulator,
)
from amends.cases.complaints.actions.forget import forget
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.investigate import investigate_many
from amends.cases.complaints.actions.overrule import overrule
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.actions.regulator_file import (
    FILES,
    UnableToHandToRegulator,
    evidence_file,
    facts_of,
    make_waiting,
    stored_archive,
)
from amends.cases.complaints.actions.settle import settle
from amends.cases.complaints.jobs import pipeline
from amends.cases.complaints.jobs.remove_orphaned_files import tidy_files
from amends.cases.complaints.models import Complaint, Event, Handover, Reply
from amends.platform.kit.actors import Actor, system
from amends.platform.vault import stored_files
from amends.record.ledger.actions.sequence import sequence
from amends.record.ledger.models import CoverageStatement
from amends.record.ledger.offline import verify_bundle
from amends.record.ledger.queries.keys import verifier_key

HANDLER = Actor("user", "usr-1", ("handler",))
LATER = NOW + timedelta(days=3)
SILENT = "投诉我手机13912345678被扣彩铃费，从来没有订过彩铃，请退钱！"


def _complaint(**more: object) -> str:
    said = {
        "channel": "web",
        "key": "k-1",
        "text": SILENT,
        "received_at": NOW,
        "phone": PHONE,
        "language": "zh",
        "identity": "operator_login",
    }
    return receive(Submission(**(said | more)), now=NOW).complaint  # type: ignore[arg-type]


def _numbered() -> None:
    assert sequence(now=LATER, holder="test") is not None


@pytest.fixture
def passed(world: World) -> Complaint:
    """A decision on records that are silent, which a person turned round, and passed on."""
    ref = _complaint()
    pipeline.acknowledge_waiting(now=NOW)
    investigate_many([ref], actor=system("desk"), now=NOW)
    overrule(
        ref,
        verdict="not_upheld",
        amount_minor=0,
        currency="CNY",
        reason="核查后认为收费有依据。",
        customer_text="核查后认为收费有依据。",
        actor=HANDLER,
        now=NOW,
    )
    settle(ref, actor=HANDLER, now=NOW)
    _numbered()
    return escalate_to_regulator(ref, actor=HANDLER, now=LATER)


def _unpacked(content: bytes, folder: Path) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        packed.extractall(folder)
        return {name: packed.read(name).decode() for name in packed.namelist()}


def _stranger(folder: Path) -> subprocess.CompletedProcess[str]:
    """The script alone, in a Python that sees no other file of the package."""
    script = Path(shutil.copy(verify_bundle.__file__, folder / "verify_bundle.py"))
    return subprocess.run(
        [sys.executable, "-I", "-X", "utf8", script, "--key", str(verifier_key()), "proof.json"],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def test_a_stranger_checks_what_was_found_and_by_whose_silence(
    passed: Complaint, tmp_path: Path
) -> None:
    files = _unpacked(evidence_file(passed.id, now=LATER), tmp_path)
    assert set(files) == {
        "readme.txt",
        "proof.json",
        "findings.txt",
        "findings.json",
        "letters.txt",
    }
    done = _stranger(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    proved = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    kinds = {fact["kind"] for fact in proved}
    assert kinds >= {"ComplaintReceived", "DecisionMade", "ReplySent", "SourceCovered"}
    assert done.stdout.count("as it was enclosed") == 4
    dossier = json.loads(files["findings.json"])["dossier"]
    silent = [row for row in dossier["rows"] if row["answer"] == "nothing_found"]
    assert silent
    ids = {fact["id"] for fact in proved}
    for row in dossier["rows"]:
        assert set(row["facts"]) | set(row["coverage"]) <= ids
    assert any(row["coverage"] for row in silent), "silence rests on a statement of coverage"
    stated = set(CoverageStatement.objects.values_list("fact_id", flat=True))
    assert {one for row in silent for one in row["coverage"]} <= stated


@pytest.mark.parametrize("paper", ["letters.txt", "findings.txt", "findings.json", "readme.txt"])
def test_a_changed_or_missing_paper_is_found_out(
    passed: Complaint, tmp_path: Path, paper: str
) -> None:
    _unpacked(evidence_file(passed.id, now=LATER), tmp_path)
    changed = tmp_path / paper
    changed.write_bytes(changed.read_bytes() + b" ")
    assert _stranger(tmp_path).returncode == 1
    changed.unlink()
    assert _stranger(tmp_path).returncode == 1


def test_both_sides_of_the_letters_go_along_masked(passed: Complaint, tmp_path: Path) -> None:
    files = _unpacked(evidence_file(passed.id, now=LATER), tmp_path)
    letters = files["letters.txt"]
    assert "从来没有订过彩铃" in letters
    sent = Reply.objects.filter(complaint=passed.id, posted_at__isnull=False)
    for reply in sent.exclude(kind__in=["handover", "identity_code"]):
        assert reply.subject in letters
    assert "13912345678" not in "".join(files.values())
    assert PHONE not in "".join(files.values())


def test_what_was_handed_over_is_kept_as_it_was(passed: Complaint) -> None:
    kept = stored_archive(passed.id)
    row = Handover.objects.get(complaint=passed)
    event = Event.objects.get(complaint=passed, verb="handed_over")
    assert kept is not None
    assert (row.size_bytes, event.details["sha256"]) == (len(kept), row.sha256)
    letter = Reply.objects.get(complaint=passed, kind="handover")
    assert "我们的核查结果" in letter.body
    close(passed.id, reason="受理机构已答复。", actor=HANDLER, now=LATER + timedelta(days=9))
    assert evidence_file(passed.id, now=LATER + timedelta(days=9)) == kept
    tidy_files(now=LATER + timedelta(days=9_999))
    assert evidence_file(passed.id, now=LATER) == kept


def test_forgetting_the_person_takes_the_file_along(
    passed: Complaint, django_capture_on_commit_callbacks
) -> None:
    close(passed.id, reason="受理机构已答复。", actor=HANDLER, now=LATER + timedelta(days=9))
    row = Handover.objects.get(complaint=passed)
    with django_capture_on_commit_callbacks(execute=True):
        forget([passed.id], actor=HANDLER, now=LATER + timedelta(days=10))
    assert stored_archive(passed.id) is None
    assert FILES.path(row.id) not in stored_files.older_than(
        timedelta(0), now=LATER + timedelta(days=9_999), store=FILES
    )


def test_without_a_decision_the_letter_does_not_speak_of_findings(world: World) -> None:
    ref = _complaint(identity="", key="k-2")
    pipeline.process(now=NOW)
    declare_deadlock(
        ref, reason="无法核实身份。", customer_text="无法核实身份。", actor=HANDLER, now=NOW
    )
    _numbered()
    escalate_to_regulator(ref, actor=HANDLER, now=LATER)
    body = Reply.objects.get(complaint=ref, kind="handover").body
    assert "我们的核查结果" not in body
    assert "我们尚未作出决定" in body
    assert make_waiting(now=LATER) == 0


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Take it up as a complaint first"),
        ("zh-hans", "先作为投诉受理"),
    ],
)
def test_nothing_on_record_is_refused_with_a_way_on(
    world: World, language: str, words: str
) -> None:
    ref = _complaint(text="请问在哪里可以查询话费余额？", key="k-3")
    assert Complaint.objects.get(id=ref).kind == "enquiry"
    with translation.override(language), pytest.raises(UnableToHandToRegulator) as refusal:
        facts_of(Complaint.objects.get(id=ref))
    assert words in refusal.value.next_step
    assert refusal.value.meaning
