"""Measure that the web form waits for no second opinion: `python bench/form.py [--texts N]`.

Texts of strangers are filed through the four pages of the form, with `amends[semantic]` switched
on and off in turns, as a browser without script does. Prints one JSON document: milliseconds from
the first page sent to the receipt.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from place import own_place

TEXTS = Path(__file__).resolve().parents[1] / "tests/strangers/texts_strangers.csv"


def file_one(client: Any, text: str, number: int) -> float:
    """File a complaint through the form; milliseconds."""
    began = perf_counter()
    client.post("/complain/", {"text": text})
    client.post("/complain/about/", {"about": ""})
    client.post("/complain/reach/", {"phone": f"138{number:08d}", "email": "", "name": ""})
    sent = client.post("/complain/check/")
    took = (perf_counter() - began) * 1_000
    if sent.status_code != 302:
        raise SystemExit(f"The form did not take text {number}: {sent.status_code}.")
    client.get(sent["Location"])
    return took


def main() -> None:
    """File the texts in turns, print the figures."""
    reader = argparse.ArgumentParser(description="Measure the web form.")
    reader.add_argument("--texts", type=int, default=60)
    asked = reader.parse_args()
    with TEXTS.open(encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file)][: asked.texts]
    with own_place():
        from django.conf import settings
        from django.test import Client

        from amends.cases.complaints.models import Complaint
        from amends.engines.classification.second_opinion.process import installed

        took: dict[bool, list[float]] = {False: [], True: []}
        for number, text in enumerate(["first"] * 2 + texts):
            for at, on in enumerate((False, True)):
                # From an address of its own: each may send a few an hour.
                client = Client(SERVER_NAME="localhost", REMOTE_ADDR=f"10.0.{number}.{at + 1}")
                settings.SEMANTIC = on
                milliseconds = file_one(client, text, 2 * number + at)
                if number >= 2:
                    took[on].append(milliseconds)
        due = Complaint.objects.filter(second_opinion_due=True).count()
    more = np.array(took[True]) - np.array(took[False])
    figures = {
        "texts": len(texts),
        "load_average": round(os.getloadavg()[0], 2),
        "installed": installed(),
        "second_opinion_due": due,
        "without_ms": quantiles(np.array(took[False])),
        "with_ms": quantiles(np.array(took[True])),
        "more_ms": quantiles(more),
        "bars": {"more_ms": "at most 5 in the median"},
    }
    json.dump(figures, sys.stdout, indent=2)
    sys.stdout.write("\n")


def quantiles(values: Any) -> dict[str, float]:
    """Median, 95th of a hundred, most."""
    return {
        name: round(float(np.quantile(values, share)), 1)
        for name, share in (("median", 0.5), ("p95", 0.95), ("most", 1.0))
    }


if __name__ == "__main__":
    main()
