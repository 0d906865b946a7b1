"""`amends ledger`: its sentences, its documents and its exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from typer.testing import CliRunner

from amends.operations.cli.ledger import app
from amends.platform.cli.language import speaking
from amends.platform.kit.periods import to_ms
from amends.platform.vault.signed_notes import COSIGNATURE, SigningKey, UnableToReadNote, read_note
from amends.record.ledger.models import SingleFact
from amends.record.ledger.offline import verify_bundle
from amends.record.ledger.queries import keys
from amends.record.ledger.queries.cosignatures import cosignatures
from amends.record.ledger.refusals import UnableToProve
from amends.record.ledger.rules.checkpoints import cosign

from .conftest import NOW, without_triggers

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]
WITNESS = SigningKey("regulator.example", bytes(32), COSIGNATURE)


def run(*arguments: object, code: int = 0) -> str:
    done = CliRunner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.stdout


def test_verify_says_so_and_exits_with_0_or_1(record, numbered):
    assert "0 entries" in run("verify")
    record(40)
    numbered()
    record(2)
    told = run("verify", "--deep")
    assert "40 entries" in told
    assert "2 more are recorded" in told
    assert "Everything is as it was recorded." in told
    assert "Not examined" not in told
    fact = SingleFact.objects.get(seq=7)
    with without_triggers(), connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_fact SET source = 'x' WHERE seq = 7")
    plain = run("verify")
    assert "What was examined is as it was recorded." in plain
    assert "Not examined: derived columns" in plain
    assert "--deep" in plain
    told = run("verify", "--deep", code=1)
    assert f"entry 7: {fact.id}: the column source says 'x', the fact says 'crm'" in told
    assert "NOT as it was recorded" in told


def test_what_differs_is_told_in_the_reader_s_language(record, numbered):
    record(9)
    numbered()
    fact = SingleFact.objects.get(seq=7)
    with without_triggers(), connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_fact SET source = 'x' WHERE seq = 7")
        cursor.execute("UPDATE ledger_fact SET canonical = %s WHERE seq = 3", [b"{}"])
    with speaking("zh-hans"):
        told = run("verify", "--deep", code=1)
    assert f"{fact.id}: source 列为 'x'，事实中为 'crm'" in told
    assert "事实与其哈希不符" in told
    found = json.loads(run("verify", "--deep", "--json", code=1))["findings"]
    assert {"the fact and its hash differ", "the canonical bytes are not a fact"} <= {
        one["what"] for one in found
    }


def test_verify_json_is_one_document(record, numbered):
    record(3)
    numbered()
    document = json.loads(run("verify", "--json"))
    assert {"ok", "size", "root", "checkpoint"} <= document.keys()
    assert (document["ok"], document["size"]) == (True, 3)


def test_a_checkpoint_is_kept_and_compared_with_later(record, tmp_path):
    record(3)
    kept = tmp_path / "checkpoint.txt"
    note = run("checkpoint", "--out", kept)
    assert kept.read_text(encoding="utf-8") == note
    assert note.split("\n")[1] == "3", "what is recorded is numbered first"
    record(9)
    document = json.loads(run("checkpoint", "--json"))
    assert (document["size"], document["key"]) == (12, str(keys.verifier_key()))
    assert "continues the checkpoint of 3" in run("verify", "--against", kept)
    for changed in (note + "\n", note.replace("\n", "\r\n"), "\n" + note):
        other = tmp_path / "changed.txt"
        other.write_bytes(changed.encode())
        with pytest.raises(UnableToReadNote):
            run("verify", "--against", other)
    document = json.loads(run("verify", "--against", kept, "--json", "--key", document["key"]))
    assert document["against"] == 3
    other = SigningKey("amends/ledger/other", bytes(32)).verifier
    assert "does not hold" in run("verify", "--key", other, code=1)


def test_bad_input_is_told_apart_from_findings(tmp_path):
    nonsense = tmp_path / "nonsense.txt"
    nonsense.write_bytes(b"\xff\xfe")
    with pytest.raises(UnableToReadNote):
        run("verify", "--against", nonsense)
    with pytest.raises(UnableToReadNote):
        run("verify", "--key", "nonsense")
    run("verify", "--against", tmp_path / "absent.txt", code=2)
    with pytest.raises(UnableToProve):
        run("prove", "0" * 32)


def test_a_proof_is_written_and_verifies(record, numbered, tmp_path):
    ids = record(3)
    numbered()
    assert len(verify_bundle.verify(run("prove", *ids), str(keys.verifier_key()))) == 3
    run("prove", ids[0], "--out", tmp_path / "proof.json")
    proof = (tmp_path / "proof.json").read_bytes().decode()
    assert ids[0] in verify_bundle.verify(proof, run("key").strip())[0]


def test_a_witness_s_note_is_kept(record, tmp_path):
    record(3)
    note = run("checkpoint")
    back = tmp_path / "cosigned.txt"
    back.write_text(note + str(cosign(read_note(note), WITNESS, at_s=to_ms(NOW) // 1000)))
    assert "regulator.example is kept" in run("witness", back, "--key", WITNESS.verifier)
    assert [one.key for one in cosignatures(3)] == [str(WITNESS.verifier)]


def test_the_command_s_help_needs_no_database():
    done = subprocess.run(
        [sys.executable, "-c", "from amends.operations.cli.ledger import app; app()", "--help"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={"PATH": ""},
        cwd=Path("/"),
    )
    assert done.returncode == 0, done.stderr
    assert "checkpoint" in done.stdout
