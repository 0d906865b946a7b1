"""A server shares no port with another: every second request would go elsewhere."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading

import pytest

from amends.site.cli.serve import UnableToListen, await_port
from tests.ports import free_port

pytestmark = pytest.mark.no_database


def _listening(port: int) -> socket.socket:
    """As the server itself listens: ready to share the port."""
    other = socket.socket()
    other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    other.bind(("127.0.0.1", port))
    other.listen()
    return other


def test_a_taken_port_is_refused_with_what_to_do() -> None:
    port = free_port()
    with _listening(port), pytest.raises(UnableToListen) as refused:
        await_port("127.0.0.1", port, for_s=0)
    assert f"127.0.0.1:{port}" in str(refused.value)
    assert "another port with --port" in refused.value.next_step


def test_a_port_that_is_freed_meanwhile_is_waited_for() -> None:
    port = free_port()
    other = _listening(port)
    threading.Timer(0.2, other.close).start()
    await_port("127.0.0.1", port, for_s=60)


def test_what_is_no_address_of_this_machine_is_refused_at_once() -> None:
    with pytest.raises(UnableToListen):
        await_port("192.0.2.1", free_port(), for_s=60)


def test_a_port_there_cannot_be_is_refused_in_words() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "amends", "serve", "--port", "99999"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert found.returncode == 2
    assert "Traceback" not in found.stderr
    assert "65535" in found.stderr
