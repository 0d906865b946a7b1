"""Every job that an app declares is there."""

from __future__ import annotations

import pytest
from django.utils.module_loading import import_string

from amends import registry

pytestmark = pytest.mark.no_database


def test_every_job_can_be_run() -> None:
    assert [job.name for job in registry.jobs() if not callable(import_string(job.run))] == []
