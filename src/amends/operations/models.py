"""How jobs, their processes and the backup are doing, shared by all machines of an installation."""

from __future__ import annotations

from django.db import models


class JobHeartbeat(models.Model):
    """When a job last ran, whichever process ran it.

    ran_at         end of the last run, well or not; before the first run when it was first expected
    succeeded_at   end of the last run without an error
    failing_since  end of the first failed run since then; null while it works
    error          class of the last error, without its message: that may quote a person
    """

    job = models.CharField(primary_key=True, max_length=80)
    group = models.CharField(max_length=16)
    every_s = models.FloatField()
    ran_at = models.DateTimeField()
    succeeded_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ("job",)

    def __str__(self) -> str:
        return self.job


class WorkerProcess(models.Model):
    """A process of `amends work`: its row is removed when it stops, and remains when it dies.

    jobs  the groups it runs, separated by spaces
    """

    host = models.CharField(max_length=100)
    pid = models.PositiveIntegerField()
    jobs = models.CharField(max_length=120)
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    resident_bytes = models.BigIntegerField(default=0)
    cpu_s = models.FloatField(default=0.0)
    open_files = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("host", "pid")
        constraints = (
            models.UniqueConstraint(fields=("host", "pid"), name="operations_process_once"),
        )

    def __str__(self) -> str:
        return f"{self.host} {self.pid}"


class BackupReport(models.Model):
    """What the continuous backup last reported; one row."""

    began_at = models.DateTimeField(null=True)
    at = models.DateTimeField(null=True)
    base_at = models.DateTimeField(null=True)
    days = models.PositiveIntegerField(null=True)
    disk_used_share = models.FloatField(null=True)
    reported_at = models.DateTimeField()
    host = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.host
