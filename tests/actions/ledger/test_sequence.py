"""Sequencing: every entry one number, one sequencer at a time, a signed checkpoint at the end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from amends.platform.database.lease import LEASE_MS
from amends.platform.database.models import Lease
from amends.platform.kit.periods import to_ms
from amends.record.facts.fact import Fact
from amends.record.ledger.actions import sequence as sequencing
from amends.record.ledger.actions.append import append
from amends.record.ledger.actions.sequence import LONGEST_TRANSACTION_MS, UnableToSequence, sequence
from amends.record.ledger.models import Checkpoint, Segment, SingleFact, Tile
from amends.record.ledger.queries import facts_about, keys, tree
from amends.record.ledger.refusals import UnableToSignCheckpoint
from amends.record.ledger.rules.checkpoints import verified_checkpoint
from amends.record.ledger.rules.merkle import root_of

from .conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


def entries() -> list[tuple[int, bytes]]:
    rows = [
        *SingleFact.objects.filter(seq__isnull=False).values_list("seq", "leaf_hash"),
        *Segment.objects.filter(seq__isnull=False).values_list("seq", "leaf_hash"),
    ]
    return sorted((seq, bytes(leaf)) for seq, leaf in rows)


def test_every_entry_gets_one_number_and_the_checkpoint_their_root(record, numbered):
    assert numbered() == 0
    for count in (3, 700, 1, 255):
        record(count)
        record(5, rows=True)
        size = numbered()
        found = entries()
        assert [seq for seq, _ in found] == list(range(size))
        stated = verified_checkpoint(tree.head().note, keys.verifier_key())
        assert (stated.size, stated.root) == (size, root_of([leaf for _, leaf in found]))
    assert size == 3 + 700 + 1 + 255 + 4
    assert numbered() == size


def test_slices_grow_and_the_number_of_entries_is_told(record, monkeypatch):
    monkeypatch.setattr(sequencing, "_FEWEST", 10)
    record(300)
    done = sequence(now=NOW, holder="a")
    assert (done.entries, done.size) == (300, 300)
    assert Checkpoint.objects.count() > 1


def test_a_fact_reads_back_with_its_number(record, numbered):
    record(2)
    numbered()
    assert {fact.seq for fact in facts_about("p-0") + facts_about("p-1")} == {0, 1}


def test_a_second_sequencer_gets_nothing_until_the_lease_ends(record, numbered):
    record(3)
    Lease.objects.create(name="sequencer", holder="first", until_ms=to_ms(NOW) + LEASE_MS)
    assert sequence(now=NOW, holder="second") is None
    assert SingleFact.objects.filter(seq__isnull=False).count() == 0
    assert sequence(now=NOW + timedelta(milliseconds=LEASE_MS + 1), holder="second").entries == 3


def test_one_that_lost_its_lease_stops_and_what_it_finished_stands(record, monkeypatch):
    monkeypatch.setattr(sequencing, "_FEWEST", 10)
    record(100)
    inside = sequencing._number

    def steal(model, rows, first):
        inside(model, rows, first)
        Lease.objects.update(holder="thief", until_ms=to_ms(NOW) + LEASE_MS)

    monkeypatch.setattr(sequencing, "_number", steal)
    done = sequence(now=NOW, holder="slow")
    assert done.entries == done.size == 10
    assert Lease.objects.get().holder == "thief"
    assert sequence(now=NOW, holder="other") is None


def test_settled_means_everything_recorded_before_is_inside(record, numbered):
    record(3)
    numbered()
    grace = timedelta(milliseconds=LONGEST_TRANSACTION_MS)
    assert tree.head().settled_ms == to_ms(NOW - grace)
    record(1, now=NOW + timedelta(hours=9))
    numbered(NOW + timedelta(hours=9))
    assert tree.head().settled_ms == to_ms(NOW + timedelta(hours=9) - grace)
    record(1, now=NOW, name="clock-set-back")
    (fact,) = facts_about("clock-set-back-0")
    assert fact.recorded_at == NOW + timedelta(hours=9) - grace
    numbered(NOW)
    assert tree.head().settled_ms == to_ms(NOW + timedelta(hours=9) - grace)


def test_nothing_is_settled_while_some_wait(record, monkeypatch):
    monkeypatch.setattr(sequencing, "_FEWEST", 10)
    record(15)
    sequence(now=NOW, holder="a")
    first, last = Checkpoint.objects.order_by("size")
    assert (first.settled_ms, last.settled_ms > 0) == (0, True)


def test_a_failure_in_a_slice_leaves_nothing_of_it(record, numbered, monkeypatch):
    record(20)

    def broken(*_, **__):
        raise KeyError("power cut")

    monkeypatch.setattr(sequencing, "sign_checkpoint", broken)
    with pytest.raises(KeyError):
        numbered()
    assert not entries()
    assert not Tile.objects.exists()
    monkeypatch.undo()
    assert sequence(now=NOW, holder="another").size == 20


def test_another_key_than_the_log_s_is_refused(record, numbered, tmp_path, settings):
    record(1)
    numbered()
    settings.DATA_DIR = tmp_path / "restored-without-keys"
    settings.DATA_DIR.mkdir()
    record(1)
    with pytest.raises(UnableToSignCheckpoint, match="another key"):
        numbered()


def test_a_key_others_may_read_is_refused():
    path = keys.key_path()
    assert keys.signing_key() == keys.signing_key()
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    with pytest.raises(UnableToSignCheckpoint, match="read by others"):
        keys.signing_key()


def test_a_damaged_key_is_refused():
    keys.signing_key()
    keys.key_path().write_text("PRIVATE+KEY+x+00000000+AAAA")
    with pytest.raises(UnableToSignCheckpoint, match="does not hold"):
        keys.signing_key()


def test_a_key_that_cannot_be_made_is_told(settings, tmp_path):
    (tmp_path / "file").write_text("")
    settings.DATA_DIR = tmp_path / "file"
    with pytest.raises(UnableToSignCheckpoint, match="cannot be read or made"):
        keys.signing_key()


def test_a_tree_that_does_not_fit_its_checkpoint_stops_the_sequencer(record, numbered):
    record(3)
    numbered()
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TRIGGER ledger_tile_keeps_delete"
            + (" ON ledger_tile" if connection.vendor == "postgresql" else "")
        )
        cursor.execute("DELETE FROM ledger_tile")
    record(1)
    with pytest.raises(UnableToSequence, match="does not fit"):
        numbered()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_tile SET hashes = substr(hashes, 1, 32)",
        "UPDATE ledger_tile SET address = 7",
        "DELETE FROM ledger_tile",
        "UPDATE ledger_checkpoint SET note = ''",
        "DELETE FROM ledger_checkpoint",
        "UPDATE ledger_fact SET seq = 77",
    ],
)
def test_the_database_refuses_to_change_the_tree(record, numbered, change):
    record(3)
    numbered()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_appending_is_one_read_and_one_write_whatever_the_number(
    record, numbered, django_assert_num_queries
):
    record(5)
    numbered()
    facts = [
        Fact("ServiceStopped", "p", f"svc-{number}", NOW, "crm", {"initiator": "user"})
        for number in range(500)
    ]
    with transaction.atomic(), django_assert_num_queries(2):
        append(facts, now=NOW)


def test_a_lease_from_before_a_clock_was_set_back_holds_nobody_up(record, numbered):
    record(3)
    tomorrow = to_ms(NOW + timedelta(days=1))
    Lease.objects.create(name="sequencer", holder="killed", until_ms=tomorrow + LEASE_MS)
    assert sequence(now=NOW, holder="second").entries == 3
