"""Facts of a feed about somebody erased, or about a key where a pseudonym belongs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from django.utils import translation

from amends.entrances.feeds.imports.facts import import_facts
from amends.people.subscribers.actions.erase import erase
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.tabular.report import FileReport
from amends.record.ledger.queries import facts_about

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


def _imported(tmp_path: Path, *people: str) -> FileReport:
    path = tmp_path / "facts.csv"
    rows = [
        f"ServiceStopped,2026-05-0{number}T10:00:00+08:00,crm,{whose},svc-{number},subscriber"
        for number, whose in enumerate(people, 1)
    ]
    header = "kind,happened_at,source,subscriber,subject,initiator"
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    with translation.override("en"):
        report = import_facts(
            path, rejects=tmp_path / "rejects.csv", now=NOW, progress=lambda *_: None
        )
    assert report.read == report.accepted + report.duplicates + report.rejected
    return report


def test_what_is_about_somebody_erased_is_set_aside(db: None, tmp_path: Path) -> None:
    ann, bo = (register(NewSubscriber(name=name), now=NOW) for name in ("Ann", "Bo"))
    erase(ann, now=NOW)
    report = _imported(tmp_path, ann, bo)
    assert (report.accepted, report.rejected) == (1, 1)
    assert "the subscriber was erased." in (tmp_path / "rejects.csv").read_text("utf-8-sig")
    assert facts_about(ann) == []


def test_a_key_where_a_pseudonym_belongs_is_told(db: None, tmp_path: Path) -> None:
    bo = register(NewSubscriber(name="Bo"), now=NOW)
    report = _imported(tmp_path, "k-1", bo, "")
    assert report.accepted == 3
    assert [note for note in report.notes if "not on record" in note and ": 1." in note]
    assert not _imported(tmp_path, bo).notes
