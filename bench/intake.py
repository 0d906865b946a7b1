"""Measure bulk intake: `python bench/intake.py [--rows N] [--seed N]`.

Invented complaints with personal data in some of them go through `import --live`: masked,
classified, looked at for duplicates, given their deadlines, recorded with their facts; SQLite,
FULL sync, 1,000 a transaction. Prints one JSON document. Also the resident memory afterwards.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import resource
import sys
from pathlib import Path
from time import perf_counter

from place import own_place

WHAT = (
    "网速太慢了",
    "宽带断了",
    "乱扣费",
    "流量没用完就停了",
    "客服态度差",
    "装机没人来",
    "合约退不了",
    "漫游费太高",
    "短信骚扰",
    "彩铃我没订过",
    "My internet is slow at night",
    "My bill is wrong",
    "No signal at home",
    "They cut me off without a word",
)
MORE = (
    "在家里",
    "昨天晚上开始",
    "已经三天了",
    "打了五次电话都没人处理",
    "太气人了",
    "要求退款",
    "please call me on 139{n:08d}",
    "我的身份证是110101199003070{n:03d}",
    "since Monday",
    "月底前解决",
)


def write(path: Path, rows: int, seed: int) -> None:
    """A CSV of invented complaints; one in twelve is the same person saying it again."""
    chance = random.Random(seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["id", "text", "received at", "channel", "phone"])
        phone = ""
        words = ""
        for number in range(rows):
            if number % 12 or not phone:
                phone = f"13{chance.randrange(10**9):09d}"
                words = "，".join(
                    [chance.choice(WHAT)]
                    + [chance.choice(MORE).format(n=chance.randrange(1000)) for _ in range(3)]
                )
            day = f"2026-{chance.randint(9, 10):02d}-{chance.randint(1, 28):02d}"
            time = f"{chance.randrange(24):02d}:{chance.randrange(60):02d}"
            out.writerow(
                [number, words, f"{day} {time}", chance.choice(["网站", "电话", "app"]), phone]
            )


def main() -> None:
    """Write the file, import it, print the figures."""
    reader = argparse.ArgumentParser(description="Measure bulk intake.")
    reader.add_argument("--rows", type=int, default=60_000)
    reader.add_argument("--seed", type=int, default=1)
    asked = reader.parse_args()
    with own_place() as folder:
        from zoneinfo import ZoneInfo

        from django.utils import timezone

        from amends.cases.complaints.models import Complaint, Contact
        from amends.entrances.feeds.complaints.import_file import ImportWishes, import_complaints

        path = folder / "complaints.csv"
        write(path, asked.rows, asked.seed)
        began = perf_counter()
        report = import_complaints(
            path,
            wishes=ImportWishes(live=True),
            rejects=folder / "rejects.csv",
            zone=ZoneInfo("Asia/Shanghai"),
            now=timezone.now(),
        )
        seconds = perf_counter() - began
        figures = {
            "rows": report.read,
            "complaints": Complaint.objects.count(),
            "contacts": Contact.objects.count(),
            "seed": asked.seed,
            "seconds": round(seconds, 2),
            "complaints_per_s": round(report.accepted / seconds),
            "resident_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            "bars": {"complaints_per_s": "at least 3,000", "resident_mb": "at most 400"},
        }
    json.dump(figures, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
