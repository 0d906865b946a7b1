"""Exports of other desks, made up: `python -m tests.desks.exports zammad|osticket N FILE`.

The shapes are those the two write: Zammad's `expand=true` tickets with their articles, one a line;
osTicket's CSV with its own headings and semicolons where the country writes decimal commas.
"""

from __future__ import annotations

import csv
import json
import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

START = datetime(2024, 1, 1, 8, 0, tzinfo=UTC)
WORDS = (
    "每月多扣了我十块钱彩铃费，我从来没有订过。",
    "The broadband is far slower in the evening than what I was sold.",
    "境外漫游没有提醒，一天就扣了三百块。",
    "I cancelled in March and was charged again in April.",
    "宽带装机约了三次都没有人来。",
)
STATES = ("new", "open", "pending reminder", "closed", "closed", "closed", "merged")
TYPES = ("email", "phone", "web", "sms", "telegram personal-message")
OSTICKET = ("Open", "Resolved", "Closed", "Closed", "Archived", "Deleted")
HEADINGS = [
    "Ticket Number",
    "Date Created",
    "Subject",
    "From",
    "From Email",
    "Priority",
    "Department",
    "Help Topic",
    "Source",
    "Current Status",
    "Last Updated",
    "SLA Due Date",
    "Closed Date",
    "Agent Assigned",
    "Thread Count",
    "Message",
]


def zammad(number: int, chance: random.Random) -> dict[str, Any]:
    """A ticket as `GET /api/v1/tickets/…?expand=true` tells it, its articles with it."""
    came = START + timedelta(minutes=number * 7)
    state = chance.choice(STATES)
    kind = chance.choice(TYPES)
    address = f"person{number}@harbour.example"
    words = chance.choice(WORDS)
    own = {
        "id": number * 3,
        "ticket_id": number,
        "type": kind,
        "sender": "Customer",
        "from": f"Person {number} <{address}>",
        "internal": False,
        "content_type": chance.choice(["text/html", "text/plain"]),
        "created_at": came.isoformat().replace("+00:00", "Z"),
    }
    own["body"] = f"<div>{words}<br>第{number}号</div>" if "html" in own["content_type"] else words
    answer = own | {"id": number * 3 + 1, "sender": "Agent", "body": "We are looking into it."}
    note = own | {"id": number * 3 + 2, "sender": "Agent", "internal": True, "body": "pays late"}
    return {
        "id": number,
        "number": f"{20_000 + number}",
        "title": words[:20],
        "group": "Complaints",
        "state": state,
        "priority": "2 normal",
        "owner": "agent@desk.example",
        "customer": address
        if number % 2
        else {
            "firstname": "Person",
            "lastname": str(number),
            "email": address,
            "mobile": f"1390000{number % 10_000:04}",
        },
        "create_article_type": kind,
        "article_count": 3,
        "created_at": came.isoformat().replace("+00:00", "Z"),
        "close_at": (came + timedelta(days=3)).isoformat().replace("+00:00", "Z")
        if state == "closed"
        else None,
        "articles": [own, answer, note],
    }


def osticket(number: int, chance: random.Random) -> list[str]:
    """A row as osTicket's ticket queue exports it."""
    came = START + timedelta(minutes=number * 7)
    state = chance.choice(OSTICKET)
    words = chance.choice(WORDS)
    closed = "" if state == "Open" else f"{came + timedelta(days=3):%Y-%m-%d %H:%M:%S}"
    return [
        f"{600_000 + number}",
        f"{came:%Y-%m-%d %H:%M:%S}",
        words[:20],
        f"Person {number}",
        f"person{number}@harbour.example",
        "Normal",
        "Support",
        "Billing",
        chance.choice(["Web", "Email", "Phone", "API", "Other"]),
        state,
        f"{came + timedelta(days=1):%Y-%m-%d %H:%M:%S}",
        "",
        closed,
        "Wei",
        "2",
        f"<p>{words}</p>",
    ]


def entries(number: int, chance: random.Random) -> list[dict[str, Any]]:
    """What the statement of docs/operator/migrate.md tells of that ticket: message, answer, note."""
    came = START + timedelta(minutes=number * 7)
    said = (
        ("M", 0, f"<p>{chance.choice(WORDS)}</p>"),
        ("R", 5, "<p>We are looking into it.</p>"),
        ("N", 6, "<p>pays late</p>"),
        ("M", 30, f"<p>{chance.choice(WORDS)} 还没有解决。</p>"),
    )
    return [
        {
            "number": f"{600_000 + number}",
            "id": number * 10 + place,
            "type": kind,
            "created": f"{came + timedelta(hours=hours):%Y-%m-%d %H:%M:%S}.000000",
            "format": "html",
            "source": "Email",
            "title": None,
            "body": body,
            "attachments": None,
        }
        for place, (kind, hours, body) in enumerate(said)
    ]


def write_entries(count: int, path: Path) -> None:
    """The thread entries of `count` tickets of osTicket, one a line."""
    chance = random.Random(20261128)
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            for entry in entries(number, chance):
                file.write(json.dumps(entry, ensure_ascii=False) + "\n")


def write(desk: str, count: int, path: Path, *, delimiter: str = ",") -> None:
    """`count` tickets of a desk, from a fixed seed."""
    chance = random.Random(20261125)
    with path.open("w", encoding="utf-8", newline="") as file:
        if desk == "zammad":
            for number in range(count):
                file.write(json.dumps(zammad(number, chance), ensure_ascii=False) + "\n")
            return
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(HEADINGS)
        for number in range(count):
            writer.writerow(osticket(number, chance))


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
