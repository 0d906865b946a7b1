"""`publicity check` on 10,000 copies beside 500 offers, and what the grammar of test copies finds.

python -m bench.publicity speed          the whole command, by the clock and by the processor
python -m bench.publicity grammar 60000  copies of the grammar, the share judged exactly
python -m bench.publicity long           20,000 characters of anything, milliseconds
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.rules.publicity.copies_grammar import CURRENCIES, KINDS, copies, offer_of

from amends.causes.publicity.queries.rulebook import rulebook_on
from amends.causes.publicity.rules.check import Checker
from amends.causes.publicity.rules.copies import Copy

RULES = rulebook_on(date(2026, 11, 29))


def speed() -> None:
    draw = random.Random(3)
    offers = [
        replace(offer_of(draw, draw.choice(tuple(CURRENCIES)), draw.choice(KINDS)), id=f"o{at}")
        for at in range(500)
    ]
    written = copies(10_000, seed=4)
    rows = [
        {
            "copy": f"c{at}",
            "text": one.text,
            "offer": f"o{at % 500}",
            "channel": one.channel,
            "pack": one.pack,
            "on": one.on.isoformat(),
        }
        for at, one in enumerate(written)
    ]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "offers.json").write_text(json.dumps([one.flat() for one in offers]))
        Path(folder, "copies.json").write_text(json.dumps(rows))
        began, used = time.monotonic(), _processor()
        subprocess.run(
            [
                "amends",
                "publicity",
                "check",
                f"{folder}/copies.json",
                "--offers",
                f"{folder}/offers.json",
                "--json",
            ],
            stdout=subprocess.DEVNULL,
            check=False,
        )
        print(
            f"{time.monotonic() - began:.1f} s by the clock, {_processor() - used:.1f} s of processor"
        )


def _processor() -> float:
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def grammar(number: int) -> None:
    exact: Counter[str] = Counter()
    total: Counter[str] = Counter()
    clean = found_in_clean = 0
    for one in copies(number, seed=11):
        copy = Copy("c", one.text, one.offer.id, one.channel, one.language, pack=one.pack)
        found = Checker([one.offer], RULES).check(copy, on=one.on)
        codes = {finding.code for finding in found if finding.severity in ("block", "warn")}
        total[one.pack] += 1
        exact[one.pack] += codes == one.codes
        if not one.codes:
            clean += 1
            found_in_clean += bool(codes)
    for pack, count in sorted(total.items()):
        print(f"{pack}: {exact[pack] / count:.4f} of {count}")
    print(f"clean copies with findings: {found_in_clean} of {clean}")


def long() -> None:
    offer = offer_of(random.Random(1), "cn", "contract")
    checker = Checker([offer], RULES)
    for unit in (
        "a",
        "1",
        "<",
        "一",
        "£1 ",
        "每",
        "㍿",
        "59元/月，",
        "up to 5GB ",
        "送",
        "1.1.",
        "第1",
        "<script",
    ):
        for size in (5_000, 20_000):
            text = (unit * size)[:size]
            began = time.monotonic()
            checker.check(Copy("c", text, offer.id), on=date(2026, 11, 29))
            print(f"{unit!r} × {size}: {1000 * (time.monotonic() - began):.0f} ms")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["grammar", number]:
            grammar(int(number))
        case ["long"]:
            long()
        case _:
            speed()
