"""Send in an app to be checked; the job reads it after the answer."""

from __future__ import annotations

import logging
import tempfile
from datetime import datetime
from mmap import mmap

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.causes.vetting.actions.authority import check, check_not_stopped, check_service
from amends.causes.vetting.actions.inspect_process import inspect_open
from amends.causes.vetting.actions.judge import judge
from amends.causes.vetting.choices import AppType, CheckState
from amends.causes.vetting.models import AppCheck
from amends.causes.vetting.rules.apk.errors import UnableToReadApk
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused, Unavailable
from amends.platform.kit.ids import random_id
from amends.platform.kit.printable import printable
from amends.platform.vault import stored_files
from amends.platform.vault.scanner import scan

log = logging.getLogger("amends.causes.vetting")
FILES = stored_files.FileStore("vetting_app_check", "file_key", folder="apps")
MOST_BYTES = 150_000_000
MOST_WAITING = 20
_AT_ONCE = 3
_INFECTED = _("The scanner found malware in this file.")


def send_app(
    name: str,
    content: bytes | mmap,
    *,
    app_type: str,
    service: str = "",
    partner: str = "",
    actor: Actor,
    now: datetime,
) -> AppCheck:
    """Store an app and let the job check it.

    service  "", or a service of the partner; its own people choose among those under its contract
    partner  whose app it is; a partner's own people always send in their own partner's
    """
    check(actor, "apps.send")
    check_not_stopped(actor, now=now)
    if not content or len(content) > MOST_BYTES:
        raise BadInput(
            _("The file is empty, or larger than %(most)s MB."),
            meaning=_("Nothing was stored."),
            next_step=_("Send the .apk file itself."),
            values={"most": MOST_BYTES // 1_000_000},
            code="unable_to_send_app",
        )
    if app_type and app_type not in AppType.values:
        raise BadInput(
            _("There is no such type of app."),
            next_step=_("Choose one."),
            code="unable_to_send_app",
        )
    service, partner = service.strip()[:64], (actor.partner or partner)[:64]
    check_service(service, partner, actor=actor, now=now)
    waiting = AppCheck.objects.filter(received_by=actor.ref, state=CheckState.WAITING)
    if waiting.count() >= MOST_WAITING:
        raise Refused(
            _("%(most)s of your apps are waiting to be checked."),
            meaning=_("Nothing was stored."),
            next_step=_("Wait until they are checked, then send the next one."),
            values={"most": MOST_WAITING},
            code="too_many_apps_waiting",
        )
    ref = random_id("app", length=12)
    with transaction.atomic():
        _path, key = stored_files.write(ref, content, store=FILES)
        return AppCheck.objects.create(
            ref=ref,
            service=service,
            partner=partner,
            brand=actor.brand,
            sent_by_partner=bool(actor.partner),
            app_type=app_type,
            file_name=printable(name)[:200],
            file_key=key,
            size=len(content),
            state=CheckState.WAITING,
            received_at=now,
            received_by=actor.ref,
        )


def check_waiting(*, now: datetime) -> int:
    """Check waiting apps, the oldest of each sender; how many were finished.

    One sender with many apps, or with one that takes long, delays nobody else by more than one.
    """
    waiting = AppCheck.objects.filter(state=CheckState.WAITING, file_key__isnull=False)
    oldest: dict[str, AppCheck] = {}
    for row in waiting.order_by("received_at", "ref"):
        oldest.setdefault(row.partner or row.received_by, row)
    finished = 0
    for row in list(oldest.values())[:_AT_ONCE]:
        try:
            _check(row, now)
        except Unavailable as why:
            log.warning("Apps wait to be checked: %s", why.what)
            break
        finished += 1
    return finished


def _check(row: AppCheck, now: datetime) -> None:
    path = FILES.path(row.ref)
    content = stored_files.read(row.ref, path, bytes(row.file_key or b""), store=FILES)
    row.file_key = None
    try:
        if settings.SCANNER and scan(content):
            raise UnableToReadApk(_INFECTED, next_step=_("Build it again on a clean machine."))
        with tempfile.TemporaryFile() as file:
            file.write(content)
            del content  # up to 150 MB
            file.flush()
            facts = inspect_open(file)
    except UnableToReadApk as refusal:
        row.state, row.refusal = CheckState.UNREADABLE, refusal.parts()
        row.checked_at = now
        row.save()
    else:
        judge(row, facts, now=now)
    stored_files.remove(path)


def oldest_waiting_at() -> datetime | None:
    """Since when the oldest app waits to be checked."""
    rows = AppCheck.objects.filter(state=CheckState.WAITING, file_key__isnull=False)
    return rows.order_by("received_at").values_list("received_at", flat=True).first()
