"""Notices sent as text messages to an SMPP server on loopback, with receipts and facts.

`python bench/text_messages.py [--messages 5000]` posts notices, holds the line until all are sent
and delivered, and prints one JSON document. The server (smpp34) is a process beside it on the same
machine; SQLite with FULL sync, or the database of `AMENDS_DATABASE_URL`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from datetime import datetime
from pathlib import Path

from place import own_place

ROOT = Path(__file__).parents[1]
TEXT = "【示例电信】您本月套餐内流量已用去百分之八十，超出后每兆零点二九元。"
LONG = TEXT * 4
STEP = 1_000


def post(count: int, text: str, now: datetime) -> float:
    """Post notices; seconds it took."""
    from django.db import transaction

    from amends.channels.actions.post import Outgoing, post_many

    began = time.perf_counter()
    for start in range(0, count, STEP):
        with transaction.atomic():
            post_many(
                [
                    Outgoing(
                        key=f"{len(text)}:{at}",
                        channel="sms",
                        recipient=f"+86138{at:08d}",
                        body=text,
                        language="zh",
                        duty="cn-usage-80",
                        duty_key=f"{len(text)}:{at}",
                        duty_step="80",
                        subscriber=f"sub-{at}",
                        service=f"svc-{at}",
                    )
                    for at in range(start, min(start + STEP, count))
                ],
                now=now,
            )
    return time.perf_counter() - began


def hold(wanted: dict[str, object]) -> float:
    """Turn the line until as many messages as wanted are in that condition; seconds it took."""
    from django.utils import timezone

    from amends.channels.models import OutboxMessage
    from amends.channels.sms.settings import sms_settings
    from amends.channels.sms.worker import SmsWorker

    began = time.perf_counter()
    with SmsWorker(sms_settings(), holder="bench", clock=timezone.now) as line:
        while OutboxMessage.objects.exclude(**wanted).exists():
            counts = line.turn(wait_s=0.1)
            while counts:
                counts = line.turn()
    return time.perf_counter() - began


def measure(count: int, centre: object) -> dict[str, object]:
    """The figures, each message of one part first, then messages of three."""
    from django.utils import timezone

    document: dict[str, object] = {"messages": count, "load": os.getloadavg()[0]}
    document["posted_per_s"] = round(count / post(count, TEXT, timezone.now()))
    document["sent_per_s"] = round(count / hold({"state": "sent"}))
    longer = count // 5
    post(longer, LONG, timezone.now())
    document["sent_of_three_parts_per_s"] = round(longer / hold({"state": "sent"}))
    centre.do("set", receipts="DELIVRD")  # type: ignore[attr-defined]
    from amends.channels.models import OutboxMessage

    OutboxMessage.objects.all().delete()
    post(count, TEXT + "。", timezone.now())
    document["sent_and_delivered_per_s"] = round(count / hold({"delivered_at__isnull": False}))
    return document


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=5_000)
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT / "tests"))
    from smscentres.centre import Centre

    centre = Centre()
    os.environ.update(
        AMENDS_SMPP_URL=centre.url,
        AMENDS_SMS_FROM="10086",
        AMENDS_SMPP_PER_SECOND="10000",
        AMENDS_SMPP_WINDOW="200",
    )
    try:
        with own_place():
            print(json.dumps(measure(arguments.messages, centre)))
    finally:
        centre.stop()


if __name__ == "__main__":
    main()
