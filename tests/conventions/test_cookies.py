"""Cookies over HTTPS are named so that browsers take them from nowhere else (ASVS 5.0, 3.3.1 and 3.3.3)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_NAMES = """
import django; django.setup()
from django.conf import settings
from amends.entrances.portals.actions.drafts import COOKIE
from amends.work.knowledge.queries.visit_cookie import COOKIE as HELP
from amends.network.quality.queries import OWN_COOKIE
print(settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME,
      COOKIE, OWN_COOKIE, HELP, settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE)
"""


def names(data: Path, **environment: str) -> list[str]:
    """What a process of an installation with this environment calls its cookies."""
    process = subprocess.run(
        [sys.executable, "-c", _NAMES],
        env=os.environ | {"AMENDS_DATA_DIR": str(data)} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return process.stdout.split()


def test_every_cookie_is_bound_to_https_and_to_the_host(
    tmp_path: Path,
) -> None:
    found = names(tmp_path, AMENDS_ALLOWED_HOSTS="complaints.example.org", AMENDS_PLAIN_HTTP="no")
    assert found == [
        "__Host-sessionid",
        "__Host-csrftoken",
        "__Host-amends_language",
        "__Host-amends_draft",
        "__Host-amends_speed",
        "__Host-amends_help",
        "True",
        "True",
    ]
    plain = names(tmp_path, AMENDS_ALLOWED_HOSTS="localhost", AMENDS_PLAIN_HTTP="yes")
    assert plain[:2] == ["sessionid", "csrftoken"]
