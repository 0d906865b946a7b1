"""`amends classify`: codes beside each row; learning kept in versions, in use only where it helps."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from amends.cases.complaints.actions.correct import correct
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.receive import receive
from amends.engines.classification.classify import classify as classify_texts
from amends.engines.classification.operator_models import model_in_use
from amends.entrances.feeds.classify_file import classify
from amends.platform.cli.outputs import UnableToOverwrite
from amends.platform.kit.actors import Actor

app = typer.Typer()
app.command()(classify)

OWN = "service.repair_equipment"
RUN = CliRunner()


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AMENDS_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data" / "classification"


def write(path: Path, header: list[str], rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def labels(folder: Path) -> Path:
    rows = [
        [f"the {colour} zorbex {went} {when}", OWN, ""]
        for colour in ("grey", "black", "small")
        for went in ("blinks", "is dark", "hums")
        for when in ("today", "again")
    ]
    rows += [["billed twice for May", "billing.wrong_charge", ""]]
    return write(folder / "labels.csv", ["text", "label", "label2"], rows)


def run(*arguments: str) -> dict[str, object]:
    done = RUN.invoke(app, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def test_a_file_is_overwritten_only_with_force(tmp_path: Path) -> None:
    file = write(tmp_path / "in.csv", ["id", "said"], [["7", "网速太慢了"]])
    out = tmp_path / "out.csv"
    out.write_text("a year of work")
    done = RUN.invoke(app, [str(file), "--text", "said", "--out", str(out)])
    assert isinstance(done.exception, UnableToOverwrite)
    assert out.read_text() == "a year of work"
    run(str(file), "--text", "said", "--out", str(out), "--force")
    assert "network.speed" in out.read_text()


def test_what_it_reads_is_never_overwritten(tmp_path: Path) -> None:
    file = write(tmp_path / "in.csv", ["id", "said"], [["7", "网速太慢了"]])
    before = file.read_bytes()
    done = RUN.invoke(app, [str(file), "--text", "said", "--out", str(file), "--force"])
    assert isinstance(done.exception, UnableToOverwrite)
    assert file.read_bytes() == before


def test_texts_are_found_and_cells_stay_as_they_are(tmp_path: Path) -> None:
    file = write(
        tmp_path / "in.csv", ["created_at", "review"], [["2026-05-01", "@hillnet 网速太慢了"]]
    )
    out = tmp_path / "out.csv"
    assert "Texts: column “review”." in run(str(file), "--out", str(out))["notes"]
    with out.open(encoding="utf-8", newline="") as written:
        assert next(csv.DictReader(written))["review"] == "@hillnet 网速太慢了"


def test_each_row_keeps_its_columns_and_gets_three(tmp_path: Path) -> None:
    file = write(tmp_path / "in.csv", ["id", "said"], [["7", "网速太慢了"], ["8", "!!!"]])
    out = tmp_path / "out.csv"
    answer = run(str(file), "--text", "said", "--out", str(out))
    with out.open(encoding="utf-8", newline="") as written:
        rows = list(csv.DictReader(written))
    assert [(row["id"], row["code"]) for row in rows] == [
        ("7", "network.speed"),
        ("8", "other.unspecific"),
    ]
    assert set(rows[0]) == {"id", "said", "code", "code2", "confidence"}
    assert float(rows[1]["confidence"]) == 0
    assert (answer["classified"], answer["ask"]) == (2, 1)


def test_what_was_learnt_answers_and_every_version_stays(tmp_path: Path, data_folder: Path) -> None:
    file = write(tmp_path / "in.csv", ["text"], [["our zorbex flickers"]])
    out = tmp_path / "out.csv"
    learnt = run(str(file), "--out", str(out), "--learn", str(labels(tmp_path)))
    told = learnt["learned"]
    assert isinstance(told, dict)
    assert told["adopted"]
    assert told["gained"] > told["lost"]
    with out.open(encoding="utf-8", newline="") as written:
        assert next(csv.DictReader(written))["code"] == OWN
    assert learnt["model"] == told["model"]
    again = run("--learn", str(labels(tmp_path)))["learned"]
    assert isinstance(again, dict)
    assert again["model"] == told["model"]
    assert len(list(data_folder.glob("model-*.npz"))) == 1
    assert len(list(data_folder.glob("model-*.json"))) == 1


def test_a_label_nobody_knows_is_named_with_its_line(tmp_path: Path) -> None:
    file = write(
        tmp_path / "labels.csv", ["text", "label"], [["slow", "network.speed"], ["x", "y"]]
    )
    done = RUN.invoke(app, ["--learn", str(file), "--json"])
    assert done.exit_code != 0
    assert "line 3" in str(done.exception) + done.output


def test_an_earlier_model_comes_back(tmp_path: Path, data_folder: Path) -> None:
    told = run("--learn", str(labels(tmp_path)))["learned"]
    assert isinstance(told, dict)
    file, out = write(tmp_path / "in.csv", ["text"], [["our zorbex flickers"]]), tmp_path / "o.csv"
    assert run("--use", "shipped")["in_use"] == "shipped"
    assert run(str(file), "--out", str(out))["model"] != told["model"]
    assert run("--use", str(told["model"]))["in_use"] == told["model"]
    assert run(str(file), "--out", str(out), "--force")["model"] == told["model"]
    done = RUN.invoke(app, ["--use", "0123456789ab", "--json"])
    assert done.exit_code != 0
    assert "There is no model" in str(done.exception) + done.output


@pytest.mark.django_db
def test_the_desk_teaches_with_the_classes_it_set_right(data_folder: Path) -> None:
    """A complaint corrected twice counts once, with its last class and its first words."""
    actor = Actor("user", "lin", roles=("handler",))
    now = datetime(2026, 11, 24, 8, tzinfo=UTC)
    for number in range(12):
        said = Submission(
            channel="app",
            key=f"z{number}",
            text=f"the zorbex box hums loudly {number}",
            received_at=now,
            phone=f"1390000{number:04d}",
        )
        receipt = receive(said, now=now)
        correct(receipt.complaint, code="marketing.bundling_exclusive", actor=actor, now=now)
        correct(receipt.complaint, code=OWN, actor=actor, now=now + timedelta(minutes=1))
    learned = run("--from-desk", "--even-if-worse")["learned"]
    assert isinstance(learned, dict)
    assert learned["texts"] == 12
    (found,) = classify_texts(["my zorbex hums loudly"], model=model_in_use(data_folder))
    assert found.code == OWN
