"""What is measured of a running installation, each with its name, its words and its value.

Names and units follow Prometheus: `amends_` before all, base units at the end, no value that only a
person's data could give. Read from the database when somebody asks, so several processes of one
installation tell the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amends import __version__
from amends.cases.complaints.queries.workload import workload
from amends.causes.notices.queries.usage import stopped_files
from amends.channels.queries import (
    held_that_should_leave,
    inbound_summary,
    is_mailbox_failing,
    line_down_s,
    outbox_summary,
)
from amends.entrances.webhooks.queries import disabled_endpoints
from amends.operations.actions.witness_delivery import undelivered_s
from amends.operations.backups.postgres import retained_bytes
from amends.operations.backups.status import read_status
from amends.operations.health.disks import disks
from amends.operations.queries.certificate import renewal_late_s
from amends.operations.queries.erasure_register import readable_again
from amends.operations.queries.job_heartbeats import failing_jobs, late_s, worker_processes
from amends.operations.refusals import UnableToReadRegister
from amends.platform import registry
from amends.platform.database.pending_migrations import pending_migrations
from amends.platform.database.triggers import missing
from amends.platform.environment.build import commit
from amends.platform.kit.packs import day_in, pack
from amends.record.ledger.queries import overview

FEEDS_PERIOD = timedelta(days=7)
FEEDS_MISSED = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class HealthReading:
    """One value; `labels` tell several of one name apart, None is nothing to tell yet."""

    name: str
    words: str | Promise
    value: float | None
    labels: dict[str, str] = field(default_factory=dict)


def readings(*, now: datetime) -> list[HealthReading]:
    """Everything that is measured, in about fifteen cheap queries.

    While migrations are pending it is their number and the version alone: every other query may
    need a column that the database does not have yet.
    """
    pending = HealthReading(
        "amends_migrations_pending",
        _("migrations waiting for `amends migrate`"),
        len(pending_migrations(connection)),
    )
    build = HealthReading(
        name="amends_build_info",
        words=_("version and commit of the code"),
        value=1,
        labels={"version": __version__, "commit": commit()},
    )
    if pending.value:
        return [build, pending]
    own = [reading for group in _GROUPS for reading in group(now)]
    return [build, pending, *own]


def _work(now: datetime) -> Iterator[HealthReading]:
    work_figures = workload(now=now)
    yield HealthReading(
        "amends_complaints_received_last_hour",
        _("complaints received in the last hour"),
        work_figures.received_last_hour,
    )
    yield HealthReading("amends_complaints_open", _("open complaints"), work_figures.open)
    yield HealthReading(
        "amends_complaints_overdue", _("complaints past a legal deadline"), work_figures.late
    )
    yield HealthReading(
        "amends_complaints_escalated",
        _("complaints past a deadline of which a higher role was told"),
        work_figures.escalated,
    )
    yield HealthReading(
        "amends_complaints_due_within_a_day",
        _("complaints with a legal deadline within 24 hours"),
        work_figures.due_in_24_h,
    )
    yield HealthReading(
        "amends_complaints_waiting_for_a_person",
        _("complaints only a person can decide"),
        work_figures.for_a_person,
    )


def _messages(now: datetime) -> Iterator[HealthReading]:
    for channel in outbox_summary():
        for state, count in sorted(channel.counts.items()):
            yield HealthReading(
                name="amends_outbox_messages",
                words=_("messages to send, by channel and state"),
                value=count,
                labels={"channel": channel.channel, "state": state},
            )
        yield HealthReading(
            name="amends_outbox_oldest_due_seconds",
            words=_("how long the oldest message due has waited"),
            value=_age_s(channel.oldest_due_at, now) or 0.0,
            labels={"channel": channel.channel},
        )
    for name, late_count in sorted(held_that_should_leave().items()):
        yield HealthReading(
            name="amends_messages_held",
            words=_("messages held although sending is switched on or a page promised a code"),
            value=late_count,
            labels={"channel": name},
        )
    for state, count in sorted(inbound_summary(now=now).items()):
        yield HealthReading(
            name="amends_inbound_messages",
            words=_("messages received, by state"),
            value=count,
            labels={"state": state},
        )
    failing = is_mailbox_failing()
    yield HealthReading(
        "amends_mailbox_failing",
        _("1 where the mailbox, or a mail in it, could not be read the last time"),
        None if failing is None else int(failing),
    )
    yield HealthReading(
        "amends_sms_line_down_seconds",
        _("for how long no line to the message centre has stood"),
        line_down_s(now=now),
    )


def _webhooks(now: datetime) -> Iterator[HealthReading]:
    yield HealthReading(
        "amends_webhooks_disabled",
        _("webhook endpoints disabled after days of failures"),
        disabled_endpoints(),
    )


def _usage(now: datetime) -> Iterator[HealthReading]:
    yield HealthReading(
        "amends_usage_files_stopped",
        _("usage files that nobody counts before somebody has looked"),
        stopped_files(),
    )


def _ledger(now: datetime) -> Iterator[HealthReading]:
    size, signed = overview.size(), overview.newest_checkpoint()
    yield HealthReading("amends_ledger_entries", _("entries of the ledger"), size.entries)
    yield HealthReading("amends_ledger_rows", _("facts in segments"), size.rows)
    yield HealthReading(
        "amends_ledger_waiting", _("facts recorded, not numbered yet"), size.waiting
    )
    yield HealthReading(
        "amends_ledger_oldest_waiting_seconds",
        _("how long the oldest fact waits for its number"),
        _age_s(overview.oldest_waiting(), now) or 0.0,
    )
    yield HealthReading(
        "amends_ledger_checkpoint_age_seconds",
        _("age of the newest checkpoint"),
        _age_s(signed.signed_at, now) if signed else None,
    )
    yield HealthReading(
        "amends_witness_undelivered_seconds",
        _("how long ago a checkpoint was last handed to the witness"),
        undelivered_s(now),
    )


def _queues(now: datetime) -> Iterator[HealthReading]:
    for name, since in registry.queues():
        yield HealthReading(
            name="amends_queue_oldest_seconds",
            words=_("how long the oldest entry of a queue waits"),
            value=_age_s(since, now) or 0.0,
            labels={"queue": name},
        )


def _feeds(now: datetime) -> Iterator[HealthReading]:
    for feed in overview.feeds(start=now - FEEDS_PERIOD, end=now):
        for kind in feed.kinds:
            yield HealthReading(
                name="amends_feed_covered_ratio",
                words=_("share of the last 7 days that a feed covers"),
                value=feed.covered_share,
                labels={"source": feed.source, "kind": kind},
            )

    for stated in overview.running_feeds(start=now - FEEDS_MISSED, end=now):
        yield HealthReading(
            name="amends_feed_stated_age_seconds",
            words=_("how long ago a feed stated its coverage"),
            value=_age_s(stated.last_at, now),
            labels={"source": stated.source, "kind": stated.kind},
        )


def _jobs(now: datetime) -> Iterator[HealthReading]:
    for group, seconds in sorted(late_s(now).items()):
        yield HealthReading(
            name="amends_jobs_late_seconds",
            words=_("by how much the latest of the jobs is late"),
            value=seconds,
            labels={"jobs": group},
        )
    for job in failing_jobs(now):
        yield HealthReading(
            name="amends_job_failing_seconds",
            words=_("for how long a job has failed"),
            value=job.failing_s,
            labels={"job": job.name, "jobs": job.group, "error": job.error},
        )
    for process in worker_processes(now):
        labels = {"host": process.host, "pid": str(process.pid), "jobs": process.jobs}
        yield HealthReading(
            name="amends_work_silent_seconds",
            words=_("how long ago a process of jobs last reported"),
            value=_age_s(process.beat_at, now),
            labels=labels,
        )
        yield HealthReading(
            name="amends_work_resident_memory_bytes",
            words=_("memory of a process of jobs"),
            value=process.resident_bytes,
            labels=labels,
        )
        yield HealthReading(
            name="amends_work_processor_seconds",
            words=_("processor time of a process of jobs"),
            value=process.cpu_s,
            labels=labels,
        )
        yield HealthReading(
            name="amends_work_open_files",
            words=_("open files of a process of jobs"),
            value=process.open_files,
            labels=labels,
        )


def _installation(now: datetime) -> Iterator[HealthReading]:
    yield HealthReading(
        "amends_guards_missing",
        _("guards the database lacks"),
        len(missing(connection)),
    )
    yield from _backup(now)
    readable_count, faults = _erased()
    yield HealthReading(
        "amends_erased_readable",
        _("people who were erased and are readable again after a restore"),
        readable_count,
    )
    yield HealthReading(
        "amends_erasures_register_faults",
        _("faults of the register of erasures: 1 where it cannot be read"),
        faults,
    )
    held_pack = pack(settings.JURISDICTION, day_in(settings.JURISDICTION, now))
    for app, versions in sorted(held_pack.versions.items()):
        for version in versions:
            yield HealthReading(
                name="amends_rules_info",
                words=_("versions of rules in force"),
                value=1,
                labels={"rules": app, "version": version},
            )


def _disks(now: datetime) -> Iterator[HealthReading]:
    for disk in disks():
        yield HealthReading(
            name="amends_disk_used_ratio",
            words=_("share of a disk that is taken"),
            value=disk.used_share,
            labels={"disk": disk.of},
        )


def _certificate(now: datetime) -> Iterator[HealthReading]:
    yield HealthReading(
        "amends_certificate_renewal_late_seconds",
        _("by how much the renewal of the web address's certificate is late"),
        renewal_late_s(now),
    )


def _backup(now: datetime) -> Iterator[HealthReading]:
    backup = read_status()
    yield HealthReading(
        "amends_backup_newest_age_seconds",
        _("age of the newest moment the continuous backup holds"),
        _age_s(backup.at, now),
    )
    yield HealthReading(
        "amends_backup_copy_age_seconds",
        _("age of the newest copy of the whole in the continuous backup"),
        _age_s(backup.base_at, now),
    )
    is_expected = settings.BACKUP_EXPECTED or backup.began_at is not None
    yield HealthReading(
        "amends_backup_never_kept",
        _("1 where a continuous backup is expected and no moment can be restored yet"),
        int(is_expected and backup.at is None),
    )
    if connection.vendor == "postgresql":
        yield HealthReading(
            "amends_backup_slot_retained_bytes",
            _("bytes of log the database holds back for the continuous backup"),
            retained_bytes(),
        )


def _erased() -> tuple[int | None, int]:
    """How many erasures must be repeated (None: it cannot be told), and faults of the register."""
    try:
        return len(readable_again()), 0
    except (UnableToReadRegister, OSError):
        return None, 1


def _age_s(at: datetime | None, now: datetime) -> float | None:
    """Seconds since `at`, never below zero (a clock set back)."""
    return max((now - at).total_seconds(), 0.0) if at else None


_GROUPS: tuple[Callable[[datetime], Iterator[HealthReading]], ...] = (
    _work,
    _messages,
    _queues,
    _webhooks,
    _usage,
    _ledger,
    _feeds,
    _jobs,
    _disks,
    _certificate,
    _installation,
)
