"""Have a scanner of the operator look at attachments before anybody opens them.

The scanner is ClamAV's `clamd`, or whatever answers its command INSTREAM on a socket. Where the
settings name one (`AMENDS_SCANNER`), a file is opened for nobody until it was found clean: a
scanner that does not answer delays files and lets none through.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings

from amends.cases.complaints.models import Attachment, Event
from amends.cases.complaints.queries.attachments import FILES
from amends.platform.vault import stored_files
from amends.platform.vault.scanner import UnableToScanFile, scan

log = logging.getLogger("amends.scanner")


def scan_waiting(*, now: datetime, limit: int = 50) -> int:
    """Scan attachments that were not scanned yet, oldest first; how many.

    Where the scanner does not answer the rest waits for the next pass.
    """
    if not settings.SCANNER:
        return 0
    scanned = 0
    waiting = Attachment.objects.filter(scan=Attachment.Scan.WAITING).order_by("id")
    for row in waiting.select_related("contact")[:limit]:
        content = stored_files.read(row.id, FILES.path(row.id), bytes(row.key), store=FILES)
        try:
            infection = scan(content)
        except UnableToScanFile as why:
            log.warning("Attachments wait for the scanner: %s", why.what)
            break
        row.scan = Attachment.Scan.INFECTED if infection else Attachment.Scan.CLEAN
        row.save(update_fields=["scan"])
        if infection:
            Event.objects.create(
                complaint_id=row.contact.complaint_id,
                at=now,
                verb="file_infected",
                actor="amends",
                details={"attachment": row.id, "found": infection[:80]},
            )
        scanned += 1
    return scanned
