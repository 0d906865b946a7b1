"""How fast the past is audited: charges against confirmations, and a read-only scan beside it.

    python bench/confirmations.py [--charges 10000000] [--confirmations 10000000] [--seed 1]

Prints one JSON document: seconds to audit columns in memory, to read the two files, and the ratio
to a read-only scan of the same files in the same run.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

os.environ.setdefault("POLARS_MAX_THREADS", "2")

from amends.causes.confirmations.rules.audit import audit
from amends.causes.confirmations.rules.required import demanded_in
from amends.causes.confirmations.rules.summary import document, findings

YEAR_MS = 365 * 86_400_000
START_MS = 1_760_000_000_000


def world(charges: int, confirmations: int, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Services with a start, twelve charges each at most; one in fifty lacks its confirmation."""
    rng = np.random.default_rng(seed)
    services = max(confirmations, 1)
    names = pl.Series("service", np.arange(services)).cast(pl.String)
    names = "svc-" + names
    offers = pl.Series([f"offer-{n}" for n in range(300)])
    offer_of = rng.integers(300, size=services)
    started = START_MS + rng.integers(YEAR_MS, size=services)
    whose = rng.integers(services, size=charges)
    given = rng.random(services) > 0.02
    kinds = pl.Series(["value_added", "monthly_fee"])
    partners = pl.Series([f"partner-{n}" for n in range(50)])
    charged = pl.DataFrame(
        {
            "charge": np.arange(charges),
            "service": names.gather(whose),
            "offer": offers.gather(offer_of[whose]),
            "charged_at_ms": started[whose] + rng.integers(1, YEAR_MS, size=charges),
            "started_at_ms": started[whose],
            "amount_minor": rng.integers(100, 5000, size=charges),
            "currency": pl.Series(["CNY"]).new_from_index(0, charges),
            "kind": kinds.gather(rng.integers(2, size=services)[whose]),
            "partner": partners.gather(offer_of[whose] % 50),
            "campaign": pl.Series([""]).new_from_index(0, charges),
            "agent": pl.Series([""]).new_from_index(0, charges),
        }
    )
    kept = np.flatnonzero(given)
    confirmed = pl.DataFrame(
        {
            "service": names.gather(kept),
            "offer": offers.gather(offer_of[kept]),
            "at_ms": started[kept] - 60_000,
            "event": np.ones(len(kept), np.int64),
        }
    )
    return charged, confirmed


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--charges", type=int, default=10_000_000)
    asked.add_argument("--confirmations", type=int, default=10_000_000)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    charges, events = world(given.charges, given.confirmations, given.seed)
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / "charges.parquet", Path(folder) / "confirmations.parquet"]
        for frame, file in zip((charges, events), files, strict=True):
            frame.write_parquet(file)
        rows = len(charges) + len(events)
        del charges, events
        begun = time.perf_counter()
        for file in files:
            pl.scan_parquet(file).select(
                pl.all().exclude(pl.String).sum(), pl.col(pl.String).str.len_bytes().sum()
            ).collect()
        scanned_s = time.perf_counter() - begun
        begun, used = time.perf_counter(), time.process_time()
        charges, events = (pl.read_parquet(file) for file in files)
        read_s = time.perf_counter() - begun
        begun = time.perf_counter()
        on = date(2026, 11, 24)
        verdicts = audit(charges, events, is_demanded=demanded_in("cn", on=on))
        judged_s = time.perf_counter() - begun
        found = document(charges, verdicts)
        services = len(findings(charges, verdicts))
        whole_s = time.perf_counter() - begun + read_s
        cpu_s = time.process_time() - used
    print(
        json.dumps(
            {
                "charges": given.charges,
                "confirmations": given.confirmations,
                "seed": given.seed,
                "scan_s": round(scanned_s, 2),
                "read_s": round(read_s, 2),
                "judge_s": round(judged_s, 2),
                "audit_s": round(whole_s, 2),
                "cpu_s": round(cpu_s, 2),
                "rows_per_s": round(rows / whole_s),
                "ratio_to_scan": round(scanned_s / whole_s, 3),
                "unconfirmed_charges": found["unconfirmed_charges"],
                "unconfirmed_services": services,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "load": os.getloadavg()[0],
            }
        )
    )


if __name__ == "__main__":
    main()
