"""A batch is written while the next is counted; whatever goes wrong, what stands stands once."""

from datetime import timedelta
from threading import Event, get_ident

import pytest
from django.db import DatabaseError, connection

from amends.causes.notices.actions import run as counting
from amends.causes.notices.actions import write_batch as writing
from amends.causes.notices.actions.background_commit import BackgroundCommit
from amends.causes.notices.actions.cached_engine import CachedEngine
from amends.causes.notices.engine_models import EngineState, UsageBatch, UsageFile
from amends.causes.notices.models import Notice
from amends.engines.metering.usage import screening
from amends.platform.kit.periods import to_ms
from amends.record.ledger.actions import append_segment
from tests.actions.notices import engine_feed as feed

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]
SOON_S = 60


def test_what_is_given_is_done_in_order_elsewhere_on_the_same_connection():
    done, here = [], get_ident()

    def piece(number):
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s", [number])
            done.append((cursor.fetchone()[0], get_ident() == here))

    with BackgroundCommit() as behind:
        for number in range(5):
            behind.write(lambda number=number: piece(number))
        behind.wait()
        assert done == [(number, False) for number in range(5)]
    assert not connection.allow_thread_sharing


def test_an_error_comes_out_once_and_ends_the_block():
    def fail():
        raise DatabaseError("no")

    with pytest.raises(DatabaseError, match="no"), BackgroundCommit() as behind:
        behind.write(fail)
    with BackgroundCommit() as behind:
        behind.write(fail)
        with pytest.raises(DatabaseError, match="no"):
            behind.write(lambda: pytest.fail("written on after an error"))
        behind.wait()


def test_the_next_batch_is_counted_while_one_is_written(tmp_path, monkeypatch):
    """The first transaction does not end before the second batch has been counted."""
    feed.enrol_lines()
    counted, waited = Event(), []
    advance, write = counting.advance, writing._write
    calls = []

    def counts(*given, **named):
        answer = advance(*given, **named)
        calls.append(answer)
        if len(calls) == 2:
            counted.set()
        return answer

    def writes(*given, **named):
        waited.append(counted.wait(SOON_S))
        write(*given, **named)

    monkeypatch.setattr(counting, "advance", counts)
    monkeypatch.setattr(writing, "_write", writes)
    feed.count(feed.parquet(tmp_path / "a.parquet", feed.random_table(3, 900)), rows=300)
    assert waited == [True, True, True]


def test_a_batch_that_cannot_be_written_ends_the_run_where_it_stood(tmp_path, monkeypatch):
    """The batch counted meanwhile is not written; what a new run finds is as if nothing was."""
    feed.enrol_lines()
    path = feed.parquet(tmp_path / "a.parquet", feed.random_table(5, 1_200))
    write, calls = writing._write, []

    def writes(*given, **named):
        calls.append(named["revision"])
        write(*given, **named)
        if len(calls) == 2:
            raise DatabaseError("the disk is full")

    kept = CachedEngine()
    monkeypatch.setattr(writing, "_write", writes)
    with pytest.raises(DatabaseError, match="full"):
        feed.count(path, rows=300, cached_engine=kept)
    monkeypatch.setattr(writing, "_write", write)
    assert len(calls) == 2
    assert UsageFile.objects.get().done_rows == 300
    assert EngineState.objects.get().revision == calls[0] == calls[1] - 1
    assert UsageBatch.objects.count() == 1
    document = feed.count(path, rows=300, cached_engine=kept).as_dict()
    keys = list(Notice.objects.values_list("key", flat=True))
    assert document["records"] == 1_200
    assert document["notices"] == len(keys) == len(set(keys)) == feed.kept().facts > 20


def test_the_connection_is_left_alone_while_it_is_lent(tmp_path, monkeypatch):
    """Counting asks the database nothing while a batch is written."""
    feed.enrol_lines()
    here, busy, asked = get_ident(), [], []
    give, wait = BackgroundCommit.write, BackgroundCommit.wait

    def gives(self, work):
        give(self, work)
        busy.append(True)

    def waits(self):
        wait(self)
        busy.clear()

    def notes(execute, *given):
        if get_ident() == here:
            asked.append(bool(busy))
        return execute(*given)

    monkeypatch.setattr(BackgroundCommit, "write", gives)
    monkeypatch.setattr(BackgroundCommit, "wait", waits)
    with connection.execute_wrapper(notes):
        feed.count(feed.parquet(tmp_path / "a.parquet", feed.random_table(8, 3_000)), rows=300)
    assert asked
    assert not any(asked)


def test_facts_are_not_recorded_before_what_the_log_has_settled_meanwhile(tmp_path, monkeypatch):
    from amends.record.ledger.models import Segment

    feed.enrol_lines()
    later = to_ms(feed.NOW + timedelta(hours=2))
    monkeypatch.setattr(writing, "recording_time_ms", lambda now: max(to_ms(now), later))
    monkeypatch.setattr(append_segment, "recording_time_ms", lambda now: max(to_ms(now), later))
    feed.count(feed.parquet(tmp_path / "a.parquet", feed.random_table(3, 900)), rows=300)
    assert set(Segment.objects.values_list("recorded_at_ms", flat=True)) == {later}


def test_a_reader_that_fails_leaves_what_was_on_its_way(tmp_path, monkeypatch):
    feed.enrol_lines()
    path = feed.parquet(tmp_path / "a.parquet", feed.random_table(6, 900))
    real = screening.batches

    def breaks(*given, **named):
        tables = real(*given, **named)
        yield next(tables)
        yield next(tables)
        raise counting.Unfinished("The file ends before it should.")

    monkeypatch.setattr(screening, "batches", breaks)
    with pytest.raises(counting.Unfinished):
        feed.count(path, rows=300)
    file = UsageFile.objects.get()
    assert (file.done_rows, file.state) == (600, UsageFile.State.STOPPED)
    monkeypatch.setattr(screening, "batches", real)
    assert feed.count(path, rows=300).as_dict()["records"] == 900
