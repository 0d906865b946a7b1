"""Proof bundles: verified by a stranger's script, and refused after any change."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction

from amends.platform.kit.periods import to_ms
from amends.platform.vault.signed_notes import COSIGNATURE, SigningKey, UnableToTrust, read_note
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.actions.witness import UnableToWitness, witness
from amends.record.ledger.offline import verify_bundle
from amends.record.ledger.queries import checkpoint_chain, checkpoint_note, keys, proof_bundle
from amends.record.ledger.queries.cosignatures import cosignatures
from amends.record.ledger.rules import bundles
from amends.record.ledger.rules.checkpoints import CheckpointText, cosign, sign_checkpoint

from .conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]
WITNESS = SigningKey("regulator.example", bytes(32), COSIGNATURE)
SCRIPT = Path(verify_bundle.__file__)
MUTATIONS = int(os.environ.get("AMENDS_MUTATIONS", "10000"))


@pytest.fixture
def bundle(record, numbered) -> str:
    """Three facts, two of them in a segment, under a cosigned checkpoint."""
    single = Fact(
        "ServiceOrdered",
        "p-1",
        "svc-é",
        NOW,
        "crm",
        {
            "order": 'o"1\n',
            "offer": "梅子套餐",
            "channel": "app",
            "initiator": "subscriber",
        },
    )
    with transaction.atomic():
        append([single], now=NOW)
    record(40)
    rows = record(150, rows=True)
    numbered()
    sign_as_witness()
    return proof_bundle([rows[149], single.id, rows[3], single.id])


def sign_as_witness() -> None:
    note = checkpoint_note()
    line = cosign(read_note(note), WITNESS, at_s=to_ms(NOW) // 1000)
    witness(note + str(line), key=WITNESS.verifier, now=NOW)


def key() -> str:
    return str(keys.verifier_key())


def test_a_bundle_tells_the_facts_and_their_numbers(bundle):
    lines = [json.loads(line) for line in verify_bundle.verify(bundle, key())]
    assert [line["kind"] for line in lines] == ["ServiceOrdered", "SpeedMeasured", "SpeedMeasured"]
    assert lines[0]["payload"]["offer"] == "梅子套餐"
    assert lines[1]["payload"]["down_kbps"] == 3
    assert verify_bundle.verify(bundle, key(), [str(WITNESS.verifier)])
    with pytest.raises(ValueError, match="every witness you named"):
        verify_bundle.verify(bundle, key(), ["someone+00000000+AAAA"])


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The script, copied away from the package, in a Python that sees no other file of it."""
    script = Path(shutil.copy(SCRIPT, folder / "check.py"))
    return subprocess.run(
        [sys.executable, "-I", "-X", "utf8", script, *arguments],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def test_a_stranger_verifies_offline_with_the_script_alone(bundle, tmp_path):
    assert len(SCRIPT.read_text(encoding="utf-8").splitlines()) <= 175
    assert "amends." not in "".join(
        line for line in SCRIPT.read_text().splitlines() if "import" in line
    )
    (tmp_path / "good.json").write_text(bundle, encoding="utf-8")
    (tmp_path / "bad.json").write_text(bundle.replace("梅子", "李子"), encoding="utf-8")
    (tmp_path / "empty\x07.json").write_text("")
    done = run(tmp_path, "--key", key(), "--witness", str(WITNESS.verifier), "good.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert "梅子套餐" in done.stdout
    done = run(tmp_path, "--key", key(), "good.json", "bad.json", "empty\x07.json")
    assert done.returncode == 1
    assert done.stdout.count("REJECTED") == 2
    assert "\x07" not in done.stdout
    assert run(tmp_path, "--key", str(WITNESS.verifier), "good.json").returncode == 1
    assert run(tmp_path, "good.json").returncode == 2


def test_a_chain_of_checkpoints_is_verified_offline(record, numbered, tmp_path):
    sizes = []
    for count in (1, 2, 60, 5):
        record(count)
        sizes.append(numbered())
    chain = checkpoint_chain(sizes)
    lines = verify_bundle.verify(chain, key())
    assert [int(line.split()[0]) for line in lines] == sizes
    (tmp_path / "chain.json").write_text(chain, encoding="utf-8")
    assert run(tmp_path, "--key", key(), "chain.json").returncode == 0
    document = json.loads(chain)
    for broken in (
        {"proofs": document["proofs"][:-1]},
        {"proofs": document["proofs"][::-1]},
        {"checkpoints": document["checkpoints"][::-1]},
        {"checkpoints": document["checkpoints"][1:]},
    ):
        with pytest.raises((ValueError, IndexError)):
            verify_bundle.verify(restated({**document, **broken}), key())


def restated(document: dict[str, object]) -> str:
    """What the operator, who holds the signing key, can make of a changed document."""
    document.pop("statement", None)
    return bundles.stated(document, keys.signing_key())


def is_accepted(text: str) -> bool:
    try:
        verify_bundle.verify(text, key())
    except Exception:
        return False
    return True


def changed_bytes(data: bytes, chance: random.Random) -> bytes:
    """One random change: a bit, a byte, a cut, a doubled or a moved piece."""
    place, length = chance.randrange(len(data)), chance.randrange(1, 40)
    kind = chance.randrange(6)
    if kind == 0:
        return data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]
    if kind == 1:
        return data[:place] + bytes([chance.randrange(256)]) + data[place + 1 :]
    if kind == 2:
        return data[:place] + data[place + length :]
    if kind == 3:
        return data[:place] + data[place : place + length] + data[place:]
    if kind == 4:
        return (
            data[:place] + chance.choice([b" ", b"\n", b"\\u0041", b"0", b",", b'"']) + data[place:]
        )
    piece, rest = data[place : place + length], data[:place] + data[place + length :]
    other = chance.randrange(len(rest) + 1)
    return rest[:other] + piece + rest[other:]


def test_ten_thousand_changed_bundles_are_all_refused(bundle):
    seed = random.randrange(10**9)
    chance, good = random.Random(seed), bundle.encode()
    assert is_accepted(bundle)
    for number in range(MUTATIONS):
        bad = changed_bytes(good, chance)
        if bad == good:
            continue
        try:
            text = bad.decode()
        except UnicodeDecodeError:
            continue
        assert not is_accepted(text), f"seed {seed}, mutation {number}"


def places(value: object, path: tuple[object, ...] = ()):
    if isinstance(value, dict):
        for name, member in value.items():
            yield from places(member, (*path, name))
    elif isinstance(value, list):
        for number, member in enumerate(value):
            yield from places(member, (*path, number))
    else:
        yield path


def test_the_operator_cannot_sign_a_changed_bundle_into_truth(bundle):
    """The statement is signed anew after every change; checkpoint and paths must still refuse it."""
    seed = random.randrange(10**9)
    chance, document = random.Random(seed), json.loads(bundle)
    document.pop("statement")
    inner = [path for path in places(document) if path[0] == "facts"]
    for number in range(MUTATIONS // 10):
        forged = json.loads(json.dumps(document))
        path = chance.choice(inner)
        target = forged
        for step in path[:-1]:
            target = target[step]
        value = target[path[-1]]
        if isinstance(value, int):
            target[path[-1]] = value + chance.choice([-1, 1, 64, 2**70])
        else:
            data = changed_bytes(value.encode(), chance).decode(errors="replace")
            target[path[-1]] = data
        if forged == document:
            continue
        assert not is_accepted(restated(forged)), f"seed {seed}, mutation {number}: {path}"


def test_forgeries_an_operator_might_try(bundle):
    document = json.loads(bundle)
    facts = document["facts"]
    extra = {**document, "checkpoint": document["checkpoint"] + "— x AAAA\n"}
    for name, forged in {
        "facts in another order": {**document, "facts": facts[::-1]},
        "a fact twice": {**document, "facts": [*facts, facts[-1]]},
        "a row as a fact of the log": {
            **document,
            "facts": [{k: v for k, v in facts[1].items() if k != "row"}],
        },
        "a header as a fact": {
            **document,
            "facts": [{**facts[1], "canonical": facts[1]["row"]["header"], "row": None}],
        },
        "a witness left out": {**document, "witness_keys": []},
        "an unknown signature": extra,
        "an unknown format": {**document, "format": "amends-proof-bundle@2"},
    }.items():
        assert not is_accepted(restated(forged)), name
    assert is_accepted(restated({**document, "facts": facts[:2]})), "fewer facts are still facts"
    assert not is_accepted(json.dumps(document)), "another spelling"
    for nonsense in ("", "{}", "[]", "null", "1", "[" * 100_000, '{"statement":1}', "NaN"):
        assert not is_accepted(nonsense)


def test_a_cosignature_is_kept_once_and_only_for_this_log_s_checkpoints(record, numbered):
    record(3)
    numbered()
    sign_as_witness()
    witness(checkpoint_note(), key=WITNESS.verifier, now=NOW)
    assert len(cosignatures(3)) == 1
    assert checkpoint_note().count("— ") == 2
    log = keys.signing_key()
    unknown = sign_checkpoint(CheckpointText(log.name, 99, bytes(32)), log)
    line = cosign(read_note(unknown), WITNESS, at_s=to_ms(NOW) // 1000)
    with pytest.raises(UnableToWitness, match="no such checkpoint of size 99"):
        witness(unknown + str(line), key=WITNESS.verifier, now=NOW)
    other_root = sign_checkpoint(CheckpointText(log.name, 3, bytes(32)), log)
    line = cosign(read_note(other_root), WITNESS, at_s=to_ms(NOW) // 1000)
    with pytest.raises(UnableToWitness, match="no such checkpoint of size 3"):
        witness(other_root + str(line), key=WITNESS.verifier, now=NOW)
    with pytest.raises(UnableToTrust, match="no cosignature"):
        witness(unknown, key=WITNESS.verifier, now=NOW)
    early = NOW - timedelta(hours=1)
    with pytest.raises(UnableToWitness, match="in the future"):
        witness(checkpoint_note(), key=WITNESS.verifier, now=early)
