"""What the page of feeds says is what the imports take: its samples, its table of kinds."""

from __future__ import annotations

import csv
import json
import re
from datetime import date
from pathlib import Path

import pytest
from tests.clock import begin_at

from amends.causes.notices.rules.watching import marks_of
from amends.engines.decisions.dossier.sheet import questions
from amends.entrances.feeds.imports.fact_limits import CHARGE_KINDS, INITIATORS, TECHNOLOGIES
from amends.entrances.feeds.imports.subscriber_rows import WANTED
from amends.platform.kit.packs import load_rules
from amends.record.facts.kinds import DONE, KINDS
from amends.record.ledger.queries import coverage
from shell import amends

OPERATOR = Path(__file__).parents[2] / "docs" / "operator"
PAGE = (OPERATOR / "feeds.md").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    begin_at(monkeypatch)  # after what the samples tell


def test_the_table_names_every_kind_a_feed_states_with_its_fields() -> None:
    rows = re.findall(r"^\| `([A-Z]\w+)` \| (\w+) \| (.+) \| (.+) \|$", PAGE, re.M)
    told = {kind: (subject, needed, optional) for kind, subject, needed, optional in rows}
    assert len(rows) == len(told) > 20
    assert told.keys() == KINDS.keys() - DONE.keys()

    def words(fields: dict[str, type]) -> str:
        shown = (f"`{name}`{' (whole)' if type_ is int else ''}" for name, type_ in fields.items())
        return ", ".join(shown) or "—"

    for kind, said in told.items():
        spec = KINDS[kind]
        assert said == (spec.subject, words(spec.required), words(spec.optional)), kind


def test_the_page_tells_every_column_of_subscribers() -> None:
    for one in WANTED:
        assert f"| `{one.name}` | {', '.join(one.names)} |" in PAGE


@pytest.mark.django_db
def test_the_samples_come_in_whole(tmp_path: Path) -> None:
    keys = tmp_path / "keys.csv"
    people = amends(
        "import",
        "subscribers",
        str(OPERATOR / "samples/subscribers.csv"),
        "--out",
        str(keys),
        "--json",
    )
    assert people.document["accepted"] == 2, people.err
    with keys.open(encoding="utf-8") as file:
        pseudonyms = {row["key"]: row["subscriber"] for row in csv.DictReader(file)}
    sample = (OPERATOR / "samples/facts.jsonl").read_text(encoding="utf-8")
    facts = tmp_path / "facts.jsonl"
    facts.write_text(sample.replace("PSEUDONYM", pseudonyms["C-1001"]), encoding="utf-8")
    done = amends("import", "facts", str(facts), "--json")
    assert done.document["rejected"] == 0
    assert done.document["accepted"] == len(sample.splitlines())
    again = amends("import", "facts", str(facts), "--json")
    assert again.document["duplicates"] == len(sample.splitlines())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kind,source\nChargeMade,billing\n", "no column happened_at"),
        ("kind,happened_at\nChargeMade,2026-11-24T10:00:00+08:00\n", "no column source"),
    ],
)
def test_a_file_without_a_column_is_told_which_and_where_it_is_described(
    tmp_path: Path, text: str, words: str
) -> None:
    path = tmp_path / "facts.csv"
    path.write_text(text, encoding="utf-8")
    done = amends("import", "facts", str(path))
    assert done.code == 2
    assert words in done.err
    assert "docs/operator/feeds.md" in done.err


@pytest.mark.django_db
def test_a_row_without_a_field_is_told_which(tmp_path: Path) -> None:
    path = tmp_path / "facts.csv"
    path.write_text(
        "kind,happened_at,source,charge,currency\n"
        "ChargeMade,2026-11-24T10:00:00+08:00,billing,c-1,CNY\n"
        "ChargeTaken,2026-11-24T10:00:00+08:00,billing,c-1,CNY\n",
        encoding="utf-8",
    )
    done = amends("import", "facts", str(path), "--json")
    assert done.document["rejected"] == 2
    reasons = Path(done.document["rejects_file"]).read_text(encoding="utf-8")
    assert "ChargeMade lacks amount_minor, charge_kind, offer" in reasons
    assert reasons.count("docs/operator/feeds.md") == 2


@pytest.mark.django_db
def test_a_word_that_is_not_of_its_list_is_set_aside(tmp_path: Path) -> None:
    charge = {"kind": "ChargeMade", "charge": "c-1", "offer": "plan", "amount_minor": 100}
    line = {"kind": "ServiceActivated", "offer": "plan", "initiator": "subscriber"}
    trouble = {
        "kind": "QualityDegraded",
        "area": "x",
        "from_ms": 1777564800000,
        "to_ms": 1777651200000,
        "severity": "major",
    }
    rows = [
        charge | {"charge_kind": "ringtone"},
        line | {"technology": "ftth"},
        line | {"technology": "all"},
        line | {"initiator": "robot"},
        *(charge | {"charge_kind": one, "charge": one} for one in CHARGE_KINDS),
        line | {"technology": "Fibre"},
        trouble | {"technology": "all"},
    ]
    own = {"happened_at": "2026-11-24T10:00:00+08:00", "source": "crm", "subject": "s-1"}
    path = tmp_path / "facts.jsonl"
    path.write_text(
        "\n".join(
            json.dumps(
                own
                | {"kind": row["kind"]}
                | {
                    "payload": {k: v for k, v in row.items() if k != "kind"}
                    | ({"currency": "CNY"} if row["kind"] == "ChargeMade" else {})
                }
            )
            for row in rows
        ),
        encoding="utf-8",
    )
    done = amends("import", "facts", str(path), "--json")
    assert (done.document["rejected"], done.document["accepted"]) == (4, len(CHARGE_KINDS) + 2)
    reasons = Path(done.document["rejects_file"]).read_text(encoding="utf-8")
    for said in ("charge_kind is “ringtone”", "technology is “ftth”", "initiator is “robot”"):
        assert said in reasons
    assert f"It can be {', '.join(CHARGE_KINDS)}" in reasons


def test_what_the_lists_hold_is_told_on_the_page_and_has_words() -> None:
    told = PAGE.replace("\n", " ")
    for known in (INITIATORS, CHARGE_KINDS, TECHNOLOGIES):
        assert ", ".join(f"`{one}`" for one in known[:-1]) + f" or `{known[-1]}`" in told
    marks = marks_of(load_rules("amends.causes.notices", "watching", date(2026, 11, 24)))
    words = questions(date(2026, 11, 24)).words
    assert words["charge_kind"].keys() == set(CHARGE_KINDS) == marks.kinds.keys()
    assert words["technology"].keys() >= {*TECHNOLOGIES, "all"}


@pytest.mark.django_db
def test_a_file_of_people_that_names_nobody_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("mood,colour\ngood,blue\n", encoding="utf-8")
    done = amends("import", "subscribers", str(path), "--out", str(tmp_path / "keys.csv"))
    assert done.code == 2
    assert "mood, colour" in done.err
    assert "docs/operator/feeds.md" in done.err


@pytest.mark.django_db
def test_the_sample_states_what_it_covers(tmp_path: Path) -> None:
    from datetime import datetime

    done = amends("import", "facts", str(OPERATOR / "samples/facts.jsonl"), "--json")
    assert done.document["rejected"] == 0
    start, end = (datetime.fromisoformat(f"2026-11-{day}T00:00:00+08:00") for day in (24, 25))
    (answer,) = coverage(["ConfirmationGiven"], start=start, end=end)
    assert answer.complete
