"""Files of strangers are scanned in a job before anybody opens them, where there is a scanner."""

from __future__ import annotations

import os
import socketserver
import struct
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured
from tests.actions.complaints.conftest import NOW
from tests.installation import until
from tests.needs import program
from tests.ports import free_port

from amends.cases.complaints.actions.attach import (
    NewFile,
    UnableToOpenAttachment,
    attach,
    open_attachment,
)
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.actions.scan_attachments import scan_waiting
from amends.cases.complaints.actions.subject_access_export import _files
from amends.cases.complaints.models import Attachment, Event
from amends.cases.complaints.queries.attachments import attachments_of
from amends.platform.environment.settings_values import socket_address
from amends.platform.kit.actors import system

pytestmark = pytest.mark.django_db
DESK = system("desk")
BAD = b"a line of a virus that only this test knows: 0f1e2d3c4b5a\n" * 3


class _Clamd(socketserver.BaseRequestHandler):
    """Answers INSTREAM as clamd does, so that these tests run where ClamAV is not installed."""

    def handle(self) -> None:
        line = self.request.makefile("rb")
        assert line.read(10) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack("!L", line.read(4))[0]:
            content += line.read(size)
        found = b"Test.Virus FOUND" if BAD in content else b"OK"
        if b"too much" in content:
            found = b"INSTREAM size limit exceeded. ERROR"
        self.request.sendall(b"stream: " + found + b"\0")


@pytest.fixture
def scanner(settings: LazySettings) -> Iterator[None]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Clamd) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.SCANNER = f"127.0.0.1:{server.server_address[1]}"
        yield
        server.shutdown()


def filed(*contents: bytes) -> tuple[str, list[str]]:
    """A complaint with these files."""
    said = Submission(channel="web", key="k", text="账单不对", received_at=NOW)
    receipt = receive(said, now=NOW)
    files = [NewFile(f"{at}.txt", content) for at, content in enumerate(contents)]
    return receipt.complaint, attach(receipt.contact, files, now=NOW)


def opened(complaint: str, file: str) -> bytes:
    return open_attachment(complaint, file, actor=DESK, now=NOW).content


def test_a_file_is_opened_once_it_was_found_clean(scanner: None) -> None:
    complaint, [good, bad, large] = filed(b"a bill", BAD, b"too much")
    with pytest.raises(UnableToOpenAttachment, match="not been scanned"):
        opened(complaint, good)
    assert scan_waiting(now=NOW) == 2
    assert opened(complaint, good) == b"a bill"
    with pytest.raises(UnableToOpenAttachment, match="malware"):
        opened(complaint, bad)
    with pytest.raises(UnableToOpenAttachment, match="not been scanned"):
        opened(complaint, large)
    assert Event.objects.get(complaint=complaint, verb="file_infected").details == {
        "attachment": bad,
        "found": "Test.Virus",
    }
    assert len(attachments_of(complaint)) == 3, "nothing is lost"
    exported = _files(complaint, DESK, NOW)
    assert ["content_base64" in one for one in exported] == [True, False, False]


def test_a_scanner_that_does_not_answer_lets_nothing_through(settings: LazySettings) -> None:
    settings.SCANNER = f"127.0.0.1:{free_port()}"
    complaint, [file] = filed(b"a bill")
    assert scan_waiting(now=NOW) == 0
    with pytest.raises(UnableToOpenAttachment, match="not been scanned"):
        opened(complaint, file)
    assert Attachment.objects.get().scan == Attachment.Scan.WAITING


def test_without_a_scanner_files_open_except_those_it_had_found(
    scanner: None, settings: LazySettings
) -> None:
    complaint, [bad] = filed(BAD)
    scan_waiting(now=NOW)
    settings.SCANNER = ""
    with pytest.raises(UnableToOpenAttachment, match="malware"):
        opened(complaint, bad)
    Attachment.objects.update(scan="")
    assert scan_waiting(now=NOW) == 0
    assert opened(complaint, bad) == BAD


@pytest.mark.parametrize("value", ["clamd", "host:", ":3310", "host:0", "host:99999", "host:x"])
def test_a_setting_that_names_no_socket_stops_the_start(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMENDS_SCANNER", value)
    with pytest.raises(ImproperlyConfigured):
        socket_address("AMENDS_SCANNER")


@pytest.mark.needs("clamd")
def test_clamav_itself_answers(tmp_path: Path, settings: LazySettings) -> None:
    """`clamd` of Debian, with one signature of our own."""
    (tmp_path / "test.ndb").write_text(f"Test.Virus:0:*:{BAD[:40].hex()}\n")
    socket_ = tmp_path / "clamd.ctl"
    config = tmp_path / "clamd.conf"
    config.write_text(
        f"LocalSocket {socket_}\nDatabaseDirectory {tmp_path}\nForeground yes\n"
        f"User {os.environ.get('USER') or 'root'}\n"
    )
    server = subprocess.Popen([program("clamd"), "--config-file", str(config)], cwd=tmp_path)
    try:
        settings.SCANNER = str(socket_)
        complaint, [good, bad] = filed(b"a bill", BAD)
        until(lambda: scan_waiting(now=NOW) == 2, "clamd answers")
        assert opened(complaint, good) == b"a bill"
        with pytest.raises(UnableToOpenAttachment, match="malware"):
            opened(complaint, bad)
    finally:
        server.terminate()
        server.wait(timeout=30)
