"""Whatever is changed, taken away, put in, exchanged or back-dated is found, and named."""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from amends.platform.database import triggers as database_triggers
from amends.platform.kit.periods import to_ms
from amends.platform.vault.signed_notes import COSIGNATURE, SigningKey, read_note
from amends.record.facts.canonical import fact_bytes, leaf_hash
from amends.record.facts.fact import Fact
from amends.record.ledger import triggers
from amends.record.ledger.actions.append import append
from amends.record.ledger.actions.index_segments import index_together
from amends.record.ledger.actions.verification.findings import Verification
from amends.record.ledger.actions.verify import verify as verify_ledger
from amends.record.ledger.actions.witness import witness
from amends.record.ledger.models import (
    Checkpoint,
    CoverageStatement,
    Segment,
    SegmentPart,
    SingleFact,
    Tile,
)
from amends.record.ledger.queries import checkpoint_note, keys, tree
from amends.record.ledger.rules.checkpoints import (
    NO_NOTE,
    CheckpointText,
    cosign,
    note_digest,
    sign_checkpoint,
)
from amends.record.ledger.rules.merkle import root_of
from amends.record.ledger.rules.tiles import extend

from .conftest import NOW

pytestmark = pytest.mark.postgres_too

WITNESS = SigningKey("regulator.example", bytes(32), COSIGNATURE)


@pytest.fixture
def log(db, record, numbered, unguarded) -> dict[str, list[str]]:
    """130 single facts, two segments and a statement of coverage, in three checkpoints."""
    ids = {"facts": record(80), "rows": record(200, rows=True)}
    numbered()
    covered = Fact(
        "SourceCovered",
        "",
        "crm",
        NOW,
        "crm",
        {
            "kinds": "ServiceStopped,ServiceOrdered",
            "scope": "all",
            "from_ms": 0,
            "to_ms": 9,
            "complete": 1,
        },
    )
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


def verify(**options: Any) -> Verification:
    """Verify as the owner of the database leaves it who changed rows and put the triggers back."""
    triggers.install(connection)
    try:
        return verify_ledger(**options)
    finally:
        triggers.lift(connection)


def sentences(**options) -> list[str]:
    return [str(one) for one in verify(**options).findings]


def test_an_untouched_log_verifies(log):
    answer = verify(deep=True, against=checkpoint_note())
    assert answer.ok
    assert answer.findings == ()
    assert (answer.size, answer.against, answer.pending) == (133, 133, 1)
    assert answer.root == bytes(tree.head().root).hex()


@pytest.mark.django_db
def test_an_empty_log_verifies():
    answer = verify(deep=True)
    assert (answer.ok, answer.size, answer.checkpoint) == (True, 0, "")
    assert not keys.key_path().exists(), "no key is made for the asking"


@pytest.fixture
def witnessed(log, record, numbered) -> str:
    """The checkpoint a witness keeps of a log that holds a cosignature, and a stretch of its index."""
    record(30, rows=True, name="r")
    numbered(NOW + timedelta(hours=6))
    assert index_together(now=NOW, holder="test", fewest=270, max_rows=270) == 2
    return checkpoint_note()


MUTATIONS = int(os.environ.get("AMENDS_TAMPERINGS", "40"))


def test_every_random_mutation_of_any_table_is_found(witnessed):
    """Values changed, rows deleted, put in or doubled, tables emptied: with a fixed seed."""
    assert verify(deep=True, against=witnessed).ok
    models = list(apps.get_app_config("ledger").get_models())
    done, number, of = 0, 0, Counter()
    while done < MUTATIONS:
        number += 1
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "PRAGMA defer_foreign_keys = ON"
                    if connection.vendor == "sqlite"
                    else "SET CONSTRAINTS ALL DEFERRED"
                )
                what = mutated(Random(f"ledger {number}"), models, cursor)
            found = verify(deep=True, against=witnessed) if what else None
            transaction.set_rollback(True)
        if found is not None:
            assert not found.ok, f"mutation {number} was not found: {what}"
            done += 1
            of[what.partition(" ")[0]] += 1
    assert len(of) == 4 or MUTATIONS < 40


def mutated(chance: Random, models: list[type[Model]], cursor: Any) -> str:
    """Change one table at random; what was done, "" where the database refused or nothing changed."""
    model = chance.choice(models)
    table, fields = model._meta.db_table, [one for one in model._meta.local_fields if one.column]
    names = [one.column for one in fields]
    keys = [one.column for one in model._meta.pk_fields]

    def content() -> list[tuple[Any, ...]]:
        cursor.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY {', '.join(keys)}")
        return [
            tuple(bytes(one) if isinstance(one, memoryview) else one for one in row)
            for row in cursor.fetchall()
        ]

    before = content()
    row = chance.choice(before)
    where = " AND ".join(f"{key} = %s" for key in keys)
    place = [row[names.index(key)] for key in keys]
    how = chance.choices(["update", "delete", "insert", "truncate"], [6, 2, 2, 1])[0]
    if how == "update":
        name = chance.choice(names)
        new = another(row[names.index(name)], [one[names.index(name)] for one in before], chance)
        what = f"update {table}.{name} of {place} from {row[names.index(name)]!r} to {new!r}"
        do = (f"UPDATE {table} SET {name} = %s WHERE {where}", [new, *place])
    elif how == "insert":
        changed = {*chance.sample(keys, 1), *chance.sample(names, chance.randrange(len(names)))}
        new_row = [
            another(value, [value], chance) if name in changed else value
            for name, value in zip(names, row, strict=True)
        ]
        what = f"insert into {table}: {new_row!r}"
        places = ", ".join(["%s"] * len(names))
        do = (f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})", new_row)
    elif how == "delete":
        what, do = f"delete {place} from {table}", (f"DELETE FROM {table} WHERE {where}", place)
    else:
        what, do = f"truncate {table}", (f"DELETE FROM {table}", [])
    try:
        with transaction.atomic():
            cursor.execute(*do)
    except (DatabaseError, ValueError):  # a number, name or address that another row has
        return ""
    return what if content() != before else ""


def another(value: Any, of_others: list[Any], chance: Random) -> Any:
    """A value in place of another: of one bit changed, of another row, empty, or any."""
    how = chance.choice(["bit", "bit", "other", "empty", "any"])
    if how == "other":
        return chance.choice(of_others)
    if value is None or isinstance(value, bool):
        return not value
    if isinstance(value, int):
        any_value = chance.randrange(2**31)
        return {"bit": value ^ 1 << chance.randrange(31), "empty": 0}.get(how, any_value)
    data = bytearray(value if isinstance(value, bytes) else value.encode())
    if how == "empty" or not data:
        data = bytearray()
    elif how == "any":
        data = bytearray(chance.randrange(97, 123) for _ in range(chance.randrange(1, 64)))
    else:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(4)
    return bytes(data) if isinstance(value, bytes) else data.decode(errors="replace")


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
        canonical,
        leaf,
        fact.id,
    )
    told = sentences()
    assert f"entry 12: {fact.id}: the fact is not the one the tree holds here" in told
    assert any("the entries give the root" in one for one in told)


def rebuild_everything() -> None:
    """What an operator with database and signing key can do: make the whole log fit again."""
    rows = [
        *SingleFact.objects.filter(seq__isnull=False).values_list("seq", "leaf_hash"),
        *Segment.objects.values_list("seq", "leaf_hash"),
    ]
    leaves = [bytes(leaf) for _, leaf in sorted((seq, leaf) for seq, leaf in rows)]
    sql("DELETE FROM ledger_tile")
    grown = extend(0, {}, leaves)
    Tile.objects.bulk_create(
        Tile(address=address, hashes=hashes) for address, hashes in grown.changed.items()
    )
    before = NO_NOTE
    for one in Checkpoint.objects.filter(size__lte=len(leaves)).order_by("size"):
        root = root_of(leaves[: one.size])
        text = CheckpointText(
            keys.signing_key().name, one.size, root, one.settled_ms, one.signed_at_ms, before
        )
        note = sign_checkpoint(text, keys.signing_key())
        sql(
            "UPDATE ledger_checkpoint SET root = %s, note = %s WHERE size = %s",
            root,
            note,
            one.size,
        )
        before = note_digest(note)


@pytest.mark.parametrize("entry", [0, 79, 131])
def test_the_operator_who_rewrites_history_is_found_by_an_older_checkpoint(log, entry):
    kept = checkpoint_note()
    fact = SingleFact.objects.get(seq=entry)
    canonical, leaf = forged(fact.id)
    sql(
        "UPDATE ledger_fact SET canonical = %s, leaf_hash = %s, source = 'crm', subscriber = 'p', "
        "subject = 'svc', kind = 'ServiceStopped', happened_at_ms = %s WHERE id = %s",
        canonical,
        leaf,
        to_ms(NOW),
        fact.id,
    )
    rebuild_everything()
    assert verify().ok, "nothing else could tell"
    told = sentences(against=kept)
    assert told == [
        "the first 133 entries are not those the checkpoint compared with was signed over: "
        "history was changed"
    ]


def test_the_operator_who_cuts_the_end_off_is_found_by_an_older_checkpoint(log):
    kept = checkpoint_note()
    sql(
        "DELETE FROM ledger_segment_index WHERE segment_id IN "
        "(SELECT id FROM ledger_segment WHERE seq = 132)"
    )
    sql(
        "DELETE FROM ledger_segment_part WHERE segment_id IN "
        "(SELECT id FROM ledger_segment WHERE seq = 132)"
    )
    sql("DELETE FROM ledger_segment WHERE seq = 132")
    sql("DELETE FROM ledger_fact WHERE kind = 'CheckpointWitnessed'")
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
        canonical,
        leaf_hash(canonical),
        to_ms(NOW),
        late.id,
    )
    numbered(NOW + timedelta(hours=6))
    (told,) = sentences(deep=True)
    assert told.startswith(f"entry 134: {late.id}: the fact claims to have been recorded before")


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
        bytes(other.columns),
        bytes(other.sha256),
        second.id,
    )
    told = sentences()
    assert f"entry 132: {second.id}: rows 0 to 63 of the segment and their hash differ" in told
    assert f"entry 132: {second.id}: the rows do not give the root in the segment's header" in told
    sql("DELETE FROM ledger_segment_part WHERE segment_id = %s", first.id)
    assert f"entry 80: {first.id}: rows of the segment are missing (part {first.id}00)" in (
        sentences()
    )


def test_coverage_put_in_by_hand_is_named(log):
    CoverageStatement.objects.create(
        fact_id=log["facts"][0],
        source="crm",
        kind="ChargeMade",
        scope="all",
        from_ms=0,
        to_ms=9,
        complete=True,
        recorded_at_ms=0,
    )
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
    monkeypatch.setattr("amends.record.ledger.actions.verification.findings.MOST_FINDINGS", 10)
    sql("UPDATE ledger_fact SET leaf_hash = %s", bytes(32))
    answer = verify()
    assert (len(answer.findings), answer.finding_count) == (10, 132)


def test_a_checkpoint_taken_away_or_dated_otherwise_is_told(log):
    sql("UPDATE ledger_checkpoint SET signed_at_ms = signed_at_ms + 1 WHERE size = 133")
    assert sentences(deep=True) == ["the checkpoint of size 133 is not what its note says"]
    sql("UPDATE ledger_checkpoint SET signed_at_ms = signed_at_ms - 1 WHERE size = 133")
    sql("DELETE FROM ledger_checkpoint WHERE size = 81")
    assert sentences(deep=True) == [
        "a checkpoint before the one of size 132 was taken away or changed"
    ]


def test_the_operator_who_signs_other_times_is_found_by_the_checkpoint_of_a_witness(log):
    kept = checkpoint_note()
    sql("UPDATE ledger_checkpoint SET signed_at_ms = signed_at_ms + 1")
    rebuild_everything()
    assert verify().ok
    assert sentences(against=kept) == [
        "the checkpoint compared with, of size 133, is not on record as it was signed"
    ]


def test_an_emptied_ledger_is_not_as_it_was_recorded(log):
    for model in reversed(list(apps.get_app_config("ledger").get_models())):
        sql(f"DELETE FROM {model._meta.db_table}")
    assert sentences(records=["complaints_complaint"], deep=True) == [
        "the ledger is empty, and there are records that never come without facts: "
        "complaints_complaint"
    ]


def test_without_a_checkpoint_from_outside_it_is_said_what_is_not_shown(log):
    assert "--against" in verify().not_shown
    assert verify(against=checkpoint_note()).not_shown == ""


@pytest.mark.parametrize("deep", [False, True])
def test_a_trigger_that_was_dropped_is_named(log: dict[str, list[str]], deep: bool) -> None:
    answer = verify_ledger(deep=deep)
    assert not answer.ok
    named = [str(finding) for finding in answer.findings]
    assert any("the trigger ledger_fact_keeps_delete" in sentence for sentence in named)


def test_a_dropped_trigger_outside_the_ledger_is_named(db: None) -> None:
    assert verify_ledger().ok
    guard = database_triggers.guards()[0]
    with connection.cursor() as cursor:
        cursor.execute(guard.dropped(connection.vendor))
    [finding] = verify_ledger().findings
    assert guard.name in str(finding)
