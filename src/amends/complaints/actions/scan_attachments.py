"""Have a scanner of the operator look at attachments before anybody opens them.

The scanner is ClamAV's `clamd`, or whatever answers its command INSTREAM on a socket. Where the
settings name one (`AMENDS_SCANNER`), a file is opened for nobody until it was found clean: a
scanner that does not answer delays files and lets none through.
"""

from __future__ import annotations

import logging
import socket
import struct
from datetime import datetime

from django.conf import settings

from amends.complaints.models import Attachment, Event
from amends.complaints.queries.attachments import FILES
from amends.kit.errors import Unavailable, gettext_noop
from amends.vault import stored_files

log = logging.getLogger("amends.scanner")
TIMEOUT_S = 60
_PART_BYTES = 64 * 1024
_LONGEST_ANSWER = 4_096


class UnableToScan(Unavailable):
    """The scanner does not answer, or not with a verdict."""

    code = "scanner_unavailable"


def scan_waiting(*, now: datetime, limit: int = 50) -> int:
    """Scan attachments that were not scanned yet, oldest first; how many.

    Where the scanner does not answer the rest waits for the next pass.
    """
    if not settings.SCANNER:
        return 0
    done = 0
    waiting = Attachment.objects.filter(scan=Attachment.Scan.WAITING).order_by("id")
    for row in waiting.select_related("contact")[:limit]:
        content = stored_files.read(row.id, FILES.path(row.id), bytes(row.key), store=FILES)
        try:
            found = scan(content)
        except UnableToScan as why:
            log.warning("Attachments wait for the scanner: %s", why.what)
            break
        row.scan = Attachment.Scan.INFECTED if found else Attachment.Scan.CLEAN
        row.save(update_fields=["scan"])
        if found:
            Event.objects.create(
                complaint_id=row.contact.complaint_id,
                at=now,
                verb="file_infected",
                actor="amends",
                details={"attachment": row.id, "found": found[:80]},
            )
        done += 1
    return done


def scan(content: bytes) -> str:
    """What the scanner found in these bytes, "" for nothing; raises UnableToScan."""
    try:
        with _connected() as line:
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), _PART_BYTES):
                part = content[start : start + _PART_BYTES]
                line.sendall(struct.pack("!L", len(part)) + part)
            line.sendall(struct.pack("!L", 0))
            answer = _answer(line)
    except OSError as error:
        raise _no_verdict(gettext_noop("The scanner does not answer.")) from error
    if answer == "stream: OK":
        return ""
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND")
    raise _no_verdict(gettext_noop("The scanner gave no verdict."))


def _connected() -> socket.socket:
    """`/path/of/socket`, or HOST:PORT."""
    if settings.SCANNER.startswith("/"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(TIMEOUT_S)
        try:
            line.connect(settings.SCANNER)
        except OSError:
            line.close()
            raise
        return line
    host, _, port = settings.SCANNER.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=TIMEOUT_S)


def _answer(line: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\0") and len(said) < _LONGEST_ANSWER:
        part = line.recv(_LONGEST_ANSWER)
        if not part:
            break
        said += part
    return said.rstrip(b"\0\n").decode("utf-8", "replace")


def _no_verdict(what: str) -> UnableToScan:
    return UnableToScan(
        what,
        meaning=gettext_noop("Files that came with complaints stay closed until it does."),
        next_step=gettext_noop("Look at the scanner named by AMENDS_SCANNER and at its log."),
    )
