"""Count upheld complaints of demonstrations whose refund does not cover the service in their text.

    python bench/named_services.py --seeds 404 137 91 7 2026 --size 600

Each seed is a process of its own with an empty data directory, which is removed afterwards. The
services a text names, and those a refund is for, are computed here from the simulated catalogue and
the facts, without the recogniser and the rule. Where a rule grants no refund, the services that its
reasons name count; amounts that a person typed are no refund of a service. Exit 1 where a refund passes over a named service
without a warning, or a warning is shown although the refund covers it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rule_alone import in_a_process

COUNTS = ("upheld", "naming", "not_covered", "silent", "false_alarms")
HEAD = ("seed", "upheld", "with a service", "not covered", "without a warning", "false alarms")


def measure(seed: int, size: int, gates: bool, end: datetime) -> dict[str, Any]:
    """Play one world in this process and count; the data directory is new."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amends.site.settings")
    os.environ.setdefault("AMENDS_REQUIRE_MFA", "no")
    from amends.platform.cli.start import start

    start(tables=False)
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    settings.SEMANTIC = False
    from amends_demo.actions.play import play
    from amends_demo.rules.simulate import simulate

    _, report = play(simulate(size=size, seed=seed, end=end), gates=gates)
    shares = report.as_dict()
    names = ("decided_alone", "verdict_right", "amount_exact")
    return {"seed": seed, **count(end), **{name: shares[name] for name in names}}


def count(end: datetime) -> dict[str, Any]:
    """The figures of the database of this process."""
    from amends.cases.complaints.models import Contact, Decision

    offers_by_charge, offers_by_notice = charged_offers(end)
    texts: dict[str, str] = defaultdict(str)
    for ref, text in Contact.objects.values_list("complaint", "text"):
        texts[ref] += f"\n{text}"
    newest = {row.complaint_id: row for row in Decision.objects.order_by("at", "id")}
    counts: dict[str, Any] = dict.fromkeys(COUNTS, 0) | {"examples": []}
    for ref, row in newest.items():
        document = row.decision
        if row.verdict not in ("upheld", "partly_upheld"):
            continue
        counts["upheld"] += 1
        named = named_offers(texts[ref])
        charges = [remedy["charge"] for remedy in document["remedies"] if remedy["charge"]]
        if not named or not (charges or row.strength != "person"):
            continue
        counts["naming"] += 1
        reasons = " ".join(reason["zh"] for reason in document["reasons"])
        covered = (
            set().union(*(offers_by_charge[charge] for charge in charges))
            if charges
            else set(named_offers(reasons)).union(
                *(
                    offers_by_notice.get(fact["about"], ())
                    for fact in row.dossier["rows"]
                    if fact["zh"] and fact["zh"] in reasons
                )
            )
        )
        missing = {offer for offer in named if offer not in covered}
        if covered & named.keys() or not charges:
            missing = {offer for offer in missing if not named[offer]}
        warned = bool(document.get("warning_en"))
        counts["not_covered"] += bool(missing)
        counts["silent"] += bool(missing) and not warned
        counts["false_alarms"] += warned and not missing
        if bool(missing) != warned:
            counts["examples"].append(f"{sorted(named)}, refunded {sorted(covered)}")
    return counts


def named_offers(text: str) -> dict[str, bool]:
    """Offer whose name stands in a text → whether it is a tariff and no service ordered alone."""
    from amends_demo.rules.catalogue import OFFERS

    plain = re.sub(r"\s+", " ", text)
    return {
        offer.ref: offer.kind != "value_added"
        for offer in OFFERS
        if re.search(rf"{re.escape(offer.zh)}(?!\d)", plain)
        or re.search(rf"\b{re.escape(offer.en)}\b", plain, re.IGNORECASE)
    }


def charged_offers(end: datetime) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Charge → the offer it was made for, and all offers that its service had; notice → the same
    of the service it was due for."""
    from amends.record.ledger.queries.columns import columns_of

    offers: dict[str, set[str]] = defaultdict(set)
    for kind, fields in (
        ("ServiceActivated", ("offer",)),
        ("ServiceChanged", ("from_offer", "to_offer")),
    ):
        for row in columns_of(kind, end=end, fields=("subject", *fields)).to_pylist():
            offers[row["subject"]].update(row[name] for name in fields)
    charges = columns_of("ChargeMade", end=end, fields=("subject", "charge", "offer"))
    notices = columns_of("NoticeDue", end=end, fields=("subject", "key"))
    return (
        {row["charge"]: {row["offer"], *offers[row["subject"]]} for row in charges.to_pylist()},
        {row["key"]: offers[row["subject"]] for row in notices.to_pylist()},
    )


def line(counts: dict[str, Any]) -> str:
    """The figures of a seed."""
    shares = [
        f"{name} {counts[name]['share']:.3f}"
        for name in ("decided_alone", "verdict_right", "amount_exact")
    ]
    figures = [f"{title} {counts[name]}" for title, name in zip(HEAD[1:], COUNTS, strict=True)]
    examples = [f"\n    differs: {example}" for example in counts["examples"]]
    return f"seed {counts['seed']}: {', '.join([*figures, *shares])}{''.join(examples)}"


def main() -> None:
    """Print a line for each seed."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--seeds", type=int, nargs="+", default=[404, 137, 91, 7, 2026])
    options.add_argument("--size", type=int, default=600)
    options.add_argument("--gates", choices=("on", "off"), default="off")
    options.add_argument("--end", default="2026-12-02T00:00:00+00:00", help="ISO 8601")
    options.add_argument("--directory", type=Path, help="for the data directories")
    options.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    values = options.parse_args()
    if values.one:
        end = datetime.fromisoformat(values.end).astimezone(UTC)
        counts = measure(values.seeds[0], values.size, values.gates == "on", end)
        sys.stdout.write(json.dumps(counts) + "\n")
        return
    bad = False
    for seed in values.seeds:
        counts = in_a_process(seed, values, script=__file__)
        bad = bad or bool(counts["silent"] or counts["false_alarms"])
        sys.stdout.write(line(counts) + "\n")
        sys.stdout.flush()
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
