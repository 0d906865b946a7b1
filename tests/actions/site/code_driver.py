"""Run as a process on an installation: `packages N CLASSES` sends apps, `code` asks for a code.

`code` prints how many seconds it took until the message with the code was in the outbox, and how
many packages were waiting when it came.
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import timedelta

import django


def _packages(count: int, classes: int) -> None:
    from django.utils import timezone

    from amends.causes.vetting.actions.send_app import send_app
    from amends.causes.vetting.choices import AppType
    from amends.platform.kit.actors import Actor
    from apk_builder import apk, manifest

    code = {
        f"Lcom/example/torch/Part{n};": (("text", f"https://host{n}.example.org/{n}"),)
        for n in range(classes)
    }
    pages = {f"assets/page{n}.html": f"<p>{n}</p>" * 200_000 for n in range(8)}
    package = apk(manifest(), code=code, files=pages)
    for n in range(count):
        actor = Actor("user", f"usr-sender{n}", ("partner_manager",))
        send_app(f"{n}.apk", package, app_type=AppType.values[0], actor=actor, now=timezone.now())


def _code() -> None:
    from django.utils import timezone

    from amends.cases.complaints.actions.intake import Submission
    from amends.cases.complaints.actions.prove_identity import request_proof
    from amends.cases.complaints.actions.receive import receive
    from amends.causes.vetting.models import AppCheck
    from amends.channels.models import IdentityCode
    from amends.people.subscribers.actions.register import NewSubscriber, register_many

    now = timezone.now()
    register_many([NewSubscriber(phone="13900100001")], now=now - timedelta(days=30))
    said = Submission(
        channel="app",
        key="c-1",
        text="每月多扣我10块钱彩铃费",
        received_at=now,
        phone="13900100001",
    )
    complaint = receive(said, now=now).complaint
    time.sleep(3)  # the complaint itself is looked at first
    began_at = time.monotonic()
    request_proof(complaint, source="network", now=timezone.now())
    while not IdentityCode.objects.filter(source="network").exists():
        if time.monotonic() - began_at > 120:
            break
        time.sleep(0.02)
    waiting = AppCheck.objects.filter(file_key__isnull=False).count()
    answer = {"seconds": time.monotonic() - began_at, "packages_waiting": waiting}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amends.site.settings")
    django.setup()
    if sys.argv[1] == "packages":
        _packages(int(sys.argv[2]), int(sys.argv[3]))
    else:
        _code()
