"""Measure how long hostile texts take: `python bench/recognisers.py [--texts N] [--seed N]`.

Texts of 20,000 characters, each a unit repeated (digits, separators, letters, Han characters,
combining marks, emoji, addresses, cues), through each recogniser and through all that preparing a
complaint does. Prints one JSON document: processor milliseconds, the worst first.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import thread_time
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from place import own_place

BAR_MS, BAR_WHOLE_MS = 20, 100


def milliseconds(act: Callable[[], object]) -> float:
    """Of this thread's own processor time; the faster of two, where the first was slow."""
    took = []
    for _ in range(2):
        began = thread_time()
        act()
        took.append((thread_time() - began) * 1_000)
        if took[0] < BAR_MS / 2:
            break
    return min(took)


def main() -> None:
    """Measure, print; ends with 1 where a recogniser misses its bar."""
    reader = argparse.ArgumentParser(description="Hostile texts.")
    reader.add_argument("--texts", type=int, default=5_000)
    reader.add_argument("--seed", type=int, default=26)
    reader.add_argument("--whole", type=int, default=200, help="of them through all of preparing")
    asked = reader.parse_args()
    with own_place():
        figures = _figures(asked.texts, asked.seed, asked.whole)
    json.dump(figures | {"load_average": round(os.getloadavg()[0], 2)}, sys.stdout, indent=2)
    sys.stdout.write("\n")
    over = sum(one["over_20_ms"] for one in figures["recognisers"].values())
    sys.exit(1 if over else 0)


def _figures(texts: int, seed: int, whole: int) -> dict[str, Any]:
    from django.utils import timezone
    from tests.hostile_texts import hostile_texts

    from amends.cases.complaints.actions.intake import Submission, prepare
    from amends.platform.vault.recognisers import RECOGNISERS

    found: dict[str, list[tuple[float, str]]] = {one.__name__: [] for one in RECOGNISERS}
    prepared: list[tuple[float, str]] = []
    now = timezone.now()
    for number, (unit, text) in enumerate(hostile_texts(texts, seed=seed)):
        for recogniser in RECOGNISERS:
            took = milliseconds(partial(_read, recogniser, text))
            found[recogniser.__name__].append((took, unit))
        if number < whole:
            said = Submission(channel="web", key=str(number), text=text, received_at=now)
            took = milliseconds(lambda said=said: prepare([said], jurisdiction="cn", now=now))
            prepared.append((took, unit))
    return {
        "texts": texts,
        "recognisers": {name: _summary(took, BAR_MS) for name, took in found.items()},
        "preparing": _summary(prepared, BAR_WHOLE_MS),
    }


def _read(recogniser: Callable[[Any], None], text: str) -> None:
    from amends.platform.vault.recognisers import ScannedText

    recogniser(ScannedText(text))


def _summary(took: list[tuple[float, str]], bar: int) -> dict[str, Any]:
    worst = sorted(took, reverse=True)[:3]
    return {
        f"over_{bar}_ms": sum(one > bar for one, _ in took),
        "worst": [[round(one, 1), unit[:60]] for one, unit in worst],
    }


if __name__ == "__main__":
    main()
