"""How a password rests, as an installation makes it: slow to guess.

In its own process, for in that of the tests passwords are hashed in fewer rounds.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

HASH = """
import django
django.setup()
from django.contrib.auth.hashers import make_password
print(make_password("harbour-kite-42"))
"""


@pytest.mark.no_database
def test_a_password_rests_hashed_in_a_million_rounds() -> None:
    made = subprocess.run(
        [sys.executable, "-c", HASH], check=True, capture_output=True, text=True, timeout=300
    ).stdout
    kind, rounds, salt, _ = made.split("$")
    assert kind == "pbkdf2_sha256"
    assert int(rounds) >= 1_000_000
    assert len(salt) >= 20
