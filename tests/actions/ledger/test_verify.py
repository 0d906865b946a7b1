"""Whatever is changed, taken away, put in, exchanged or back-dated is found, and named."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amends.facts.canonical import fact_bytes, leaf_hash
from amends.facts.fact import Fact
from amends.kit.periods import to_ms
from amends.ledger import keys, tree
from amends.ledger.actions.append import append
from amends.ledger.actions.commit import commit, erase_commitments
from amends.ledger.actions.verify import verify
from amends.ledger.actions.witness import witness
from amends.ledger.models import (
    Checkpoint,
    Cosignature,
    CoverageStatement,
    Segment,
    SegmentIndex,
    SegmentPart,
    SingleFact,
    Tile,
)
from amends.ledger.queries import checkpoint_note, sealed_key
from amends.ledger.rules.checkpoints import CheckpointText, cosign, sign_checkpoint
from amends.ledger.rules.commitments import opens
from amends.ledger.rules.merkle import root_of
from amends.ledger.rules.notes import COSIGNATURE, SigningKey, read_note
from amends.ledger.rules.tiles import extend

from .conftest import NOW

WITNESS = SigningKey("regulator.example", bytes(32), COSIGNATURE)


@pytest.fixture
def log(db, record, numbered, unguarded) -> dict[str, list[str]]:
    """130 single facts, two segments and a statement of coverage, in three checkpoints."""
    ids = {"facts": record(80), "rows": record(200, rows=True)}
    numbered()
    covered = Fact("SourceCovered", "", "crm", NOW, "crm", {
        "kinds": "ServiceStopped,ServiceOrdered", "scope": "all", "from_ms": 0, "to_ms": 9,
        "complete": 1,
    })  # fmt: skip
    with transaction.atomic():
        append([covered], now=NOW)
    ids["coverage"] = [covered.id]
    ids["facts"] += record(50)
    numbered()
    record(70, rows=True, name="q")
    numbered(NOW + timedelta(hours=5))
    note = checkpoint_note()
    line = cosign(read_note(note), WITNESS, at_s=to_ms(NOW) // 1000)
    witness(note + str(line), key=WITNESS.verifier, now=NOW)
    return ids


def sentences(**options) -> list[str]:
    return [str(one) for one in verify(**options).findings]


def test_an_untouched_log_verifies(log):
    answer = verify(deep=True, against=checkpoint_note())
    assert answer.ok
    assert answer.findings == ()
    assert (answer.size, answer.against, answer.pending) == (133, 133, 0)
    assert answer.as_dict()["root"] == bytes(tree.head().root).hex()


@pytest.mark.django_db
def test_an_empty_log_verifies():
    answer = verify(deep=True)
    assert (answer.ok, answer.size, answer.checkpoint) == (True, 0, "")
    assert not keys.key_path().exists(), "no key is made for the asking"


MODELS = {
    SingleFact: 131,
    Segment: 2,
    SegmentPart: 2,
    SegmentIndex: 24,
    Tile: 6,
    Checkpoint: 3,
    Cosignature: 1,
    CoverageStatement: 2,
}
columns = [
    (model, field.column)
    for model in MODELS
    for field in model._meta.local_fields
    if not (model is SegmentIndex and field.primary_key)
    and not (model in (Cosignature, CoverageStatement) and field.primary_key)
    # When a checkpoint was signed is said in no note: the column is only for people.
    and (model, field.column) != (Checkpoint, "signed_at_ms")
]


def flipped(value: object, draw) -> object:
    """The value with one bit changed."""
    if value is None or isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value ^ 1 << draw(st.integers(0, 30 if value > 40_000 else 6))
    if isinstance(value, str):
        place = draw(st.integers(0, max(0, len(value) - 1)))
        changed = chr(ord(value[place]) ^ 1 << draw(st.integers(0, 3))) if value else "x"
        return value[:place] + changed + value[place + 1 :]
    data = bytearray(value)
    place = draw(st.integers(0, len(data) - 1))
    data[place] ^= 1 << draw(st.integers(0, 7))
    return bytes(data)


@settings(
    max_examples=int(os.environ.get("AMENDS_TAMPERINGS", "250")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.data())
def test_one_changed_bit_of_any_column_of_any_row_is_found_and_named(log, data):
    model, column = data.draw(st.sampled_from(columns))
    rows = list(model.objects.order_by("pk"))
    row = rows[data.draw(st.integers(0, len(rows) - 1))]
    field = next(one for one in model._meta.local_fields if one.column == column)
    old = getattr(row, field.attname)
    new = flipped(bytes(old) if isinstance(old, memoryview) else old, data.draw)
    if connection.vendor == "postgresql" and "\x00" in str(new):
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA defer_foreign_keys = ON")
            else:
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            try:
                with transaction.atomic():
                    cursor.execute(
                        f"UPDATE {model._meta.db_table} SET {column} = %s "
                        f"WHERE {model._meta.pk.column} = %s",
                        [new, row.pk],
                    )
            except Exception:  # a number, name or address another row has: refused even so
                transaction.set_rollback(True)
                return
        answer = verify(deep=True)
        transaction.set_rollback(True)
    assert not answer.ok, f"{model.__name__}.{column}: {old!r} became {new!r} unnoticed"
    told = " ".join(str(one) for one in answer.findings)
    if model in (SingleFact, Segment):
        assert str(row.pk) in told or str(new) in told
    if model is SegmentPart:
        assert str(row.pk) in told


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_a_deleted_fact_is_named_by_its_number(log):
    gone = SingleFact.objects.get(seq=40)
    sql("DELETE FROM ledger_fact WHERE id = %s", gone.id)
    assert "entry 40: the entry is missing" in sentences()
    assert not [one for one in sentences() if one.startswith("entry 41")]


def test_two_exchanged_facts_are_named(log):
    first, second = log["facts"][3:5]
    numbers = dict(SingleFact.objects.filter(id__in=[first, second]).values_list("id", "seq"))
    sql("UPDATE ledger_fact SET seq = 9999 WHERE id = %s", first)
    sql("UPDATE ledger_fact SET seq = %s WHERE id = %s", numbers[first], second)
    sql("UPDATE ledger_fact SET seq = %s WHERE id = %s", numbers[second], first)
    told = sentences()
    for number, fact in ((numbers[first], second), (numbers[second], first)):
        assert f"entry {number}: {fact}: the fact is not the one the tree holds here" in told


def test_two_facts_with_one_number_are_named(log):
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX ledger_fact_seq")
    sql("UPDATE ledger_fact SET seq = 5 WHERE seq = 6")
    assert any("number that another entry has" in one for one in sentences())
    assert "entry 6: the entry is missing" in sentences()


def forged(id: str) -> tuple[bytes, bytes]:
    fact = Fact("ServiceStopped", "p", "svc", NOW, "crm", {"initiator": "forger"}, id=id)
    canonical = fact_bytes(fact, recorded_at_ms=to_ms(NOW))
    return canonical, leaf_hash(canonical)


def test_a_rewritten_fact_with_its_hash_made_to_fit_is_named(log):
    fact = SingleFact.objects.get(seq=12)
    canonical, leaf = forged(fact.id)
    sql(
        "UPDATE ledger_fact SET canonical = %s, leaf_hash = %s WHERE id = %s",
        canonical, leaf, fact.id,
    )  # fmt: skip
    told = sentences()
    assert f"entry 12: {fact.id}: the fact is not the one the tree holds here" in told
    assert any("the entries give the root" in one for one in told)


def rebuild_everything() -> None:
    """What an operator with database and signing key can do: make the whole log fit again."""
    rows = [
        *SingleFact.objects.values_list("seq", "leaf_hash"),
        *Segment.objects.values_list("seq", "leaf_hash"),
    ]
    leaves = [bytes(leaf) for _, leaf in sorted((seq, leaf) for seq, leaf in rows)]
    sql("DELETE FROM ledger_tile")
    grown = extend(0, {}, leaves)
    Tile.objects.bulk_create(
        Tile(address=address, hashes=hashes) for address, hashes in grown.changed.items()
    )
    sql("DELETE FROM ledger_cosignature")
    for one in Checkpoint.objects.filter(size__lte=len(leaves)):
        root = root_of(leaves[: one.size])
        text = CheckpointText(keys.signing_key().name, one.size, root, one.settled_ms)
        sql(
            "UPDATE ledger_checkpoint SET root = %s, note = %s WHERE size = %s",
            root, sign_checkpoint(text, keys.signing_key()), one.size,
        )  # fmt: skip


@pytest.mark.parametrize("entry", [0, 79, 131])
def test_the_operator_who_rewrites_history_is_found_by_an_older_checkpoint(log, entry):
    kept = checkpoint_note()
    fact = SingleFact.objects.get(seq=entry)
    canonical, leaf = forged(fact.id)
    sql(
        "UPDATE ledger_fact SET canonical = %s, leaf_hash = %s, source = 'crm', subscriber = 'p', "
        "subject = 'svc', kind = 'ServiceStopped', happened_at_ms = %s WHERE id = %s",
        canonical, leaf, to_ms(NOW), fact.id,
    )  # fmt: skip
    rebuild_everything()
    assert verify().ok, "nothing else could tell"
    told = sentences(against=kept)
    assert told == [
        "the first 133 entries are not those the checkpoint compared with was signed over: "
        "history was changed"
    ]


def test_the_operator_who_cuts_the_end_off_is_found_by_an_older_checkpoint(log):
    kept = checkpoint_note()
    sql("DELETE FROM ledger_segment_index WHERE segment_id IN "
        "(SELECT id FROM ledger_segment WHERE seq = 132)")  # fmt: skip
    sql("DELETE FROM ledger_segment_part WHERE segment_id IN "
        "(SELECT id FROM ledger_segment WHERE seq = 132)")  # fmt: skip
    sql("DELETE FROM ledger_segment WHERE seq = 132")
    sql("DELETE FROM ledger_cosignature")
    sql("DELETE FROM ledger_checkpoint WHERE size = 133")
    rebuild_everything()
    assert verify(deep=True).ok
    assert sentences(against=kept)[0].startswith("the log has 132 entries; the checkpoint")


def test_a_fact_slipped_in_later_with_an_older_date_is_named(log, numbered):
    late = Fact("ServiceStopped", "p", "svc", NOW, "crm", {"initiator": "user"})
    canonical = fact_bytes(late, recorded_at_ms=to_ms(NOW))
    with transaction.atomic():
        append([late], now=NOW + timedelta(hours=6))
    sql(
        "UPDATE ledger_fact SET canonical = %s, leaf_hash = %s, recorded_at_ms = %s WHERE id = %s",
        canonical, leaf_hash(canonical), to_ms(NOW), late.id,
    )  # fmt: skip
    numbered(NOW + timedelta(hours=6))
    (told,) = sentences(deep=True)
    assert told.startswith(f"entry 133: {late.id}: the fact claims to have been recorded before")


def test_a_fact_changed_before_it_is_numbered_is_named(log, record):
    (fact,) = record(1)
    sql("UPDATE ledger_fact SET canonical = %s WHERE id = %s", b"{}", fact)
    assert sentences() == [f"{fact}: the fact, not numbered yet, and its hash differ"]
    assert f"{fact}: the canonical bytes are not a fact" in sentences(deep=True)


def test_rows_numbered_beyond_the_checkpoint_are_named(log, record):
    (fact,) = record(1)
    sql("UPDATE ledger_fact SET seq = 500 WHERE id = %s", fact)
    assert sentences() == [f"entry 500: {fact}: has a number the log does not reach"]


def test_a_segment_without_rows_and_one_with_other_rows_are_named(log):
    first, second = Segment.objects.order_by("seq")
    other = SegmentPart.objects.get(segment=first)
    sql(
        "UPDATE ledger_segment_part SET columns = %s, sha256 = %s WHERE segment_id = %s",
        bytes(other.columns), bytes(other.sha256), second.id,
    )  # fmt: skip
    told = sentences()
    assert f"entry 132: {second.id}: rows 0 to 63 of the segment and their hash differ" in told
    assert f"entry 132: {second.id}: the rows do not give the root in the segment's header" in told
    sql("DELETE FROM ledger_segment_part WHERE segment_id = %s", first.id)
    assert f"entry 80: {first.id}: rows of the segment are missing (part {first.id}00)" in (
        sentences()
    )


def test_coverage_put_in_by_hand_is_named(log):
    CoverageStatement.objects.create(
        fact_id=log["facts"][0], source="crm", kind="ChargeMade", scope="all", from_ms=0, to_ms=9,
        complete=True, recorded_at_ms=0,
    )  # fmt: skip
    assert sentences(deep=True) == [
        f"{log['facts'][0]}: the coverage of ChargeMade is not what the fact states"
    ]


def test_another_log_s_checkpoint_proves_nothing(log):
    other = SigningKey("amends/ledger/other", bytes(32))
    note = sign_checkpoint(CheckpointText(other.name, 5, bytes(32)), other)
    assert sentences(against=note)[0].startswith("the checkpoint compared with is not one of this")
    assert sentences(key=other.verifier)[0].startswith("the latest checkpoint does not hold")
    assert "not one of this log" in sentences(against="nonsense")[0]


def test_without_a_key_the_signature_is_not_believed(log):
    keys.key_path().unlink()
    assert "no key to verify" in sentences()[0]


def test_a_missing_tile_is_told(log):
    sql("DELETE FROM ledger_tile WHERE address = 0")
    told = sentences(against=checkpoint_note())
    assert any("the tree over entries 0 to 31" in one for one in told)


def test_findings_are_counted_and_not_listed_without_end(log, monkeypatch):
    monkeypatch.setattr("amends.ledger.verification.findings.MOST_FINDINGS", 10)
    sql("UPDATE ledger_fact SET leaf_hash = %s", bytes(32))
    answer = verify()
    assert (len(answer.findings), answer.finding_count) == (10, 131)


def test_erasing_a_commitment_s_key_leaves_the_log_whole(log):
    with transaction.atomic():
        made = commit(b"yes", subscriber="p-1", seal=lambda key: key[::-1], now=NOW)
        commit(b"no", subscriber="p-2", seal=lambda key: key, now=NOW)
    assert opens(made, b"yes", sealed_key(made)[::-1])
    assert (erase_commitments("p-1"), erase_commitments("p-1")) == (1, 0)
    assert sealed_key(made) is None
    assert verify(deep=True).ok
