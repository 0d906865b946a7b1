"""Write a block list of millions of numbers: time and the most memory.

    python -m bench.protection_block_list [--numbers 5000000]

The numbers are invented and stored in a database of their own in the folder of `AMENDS_DATA_DIR`.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from datetime import timedelta
from pathlib import Path

AT_A_TIME = 50_000


def main() -> None:
    """Fill the block list, then write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--numbers", type=int, default=5_000_000)
    wanted = parser.parse_args().numbers
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("AMENDS_DATA_DIR", folder)
        os.environ["DJANGO_SETTINGS_MODULE"] = "amends.site.settings"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        _fill(wanted)
        before = _most_mb()
        from amends.causes.protection.actions.export_block_list import export_block_list

        out = Path(folder) / "block-list.csv"
        began = time.monotonic()
        found = export_block_list(out, since=0)
        seconds = time.monotonic() - began
        print(
            f"{found.changes:,} changes, {out.stat().st_size / 1e6:,.0f} MB in {seconds:.1f} s "
            f"({found.changes / seconds:,.0f}/s); most memory {_most_mb():,.0f} MB "
            f"({before:,.0f} MB before); load {os.getloadavg()[0]:.1f}"
        )


def _fill(wanted: int) -> None:
    from django.utils import timezone

    from amends.causes.protection.models import BlockListChange, ReportedNumber
    from amends.platform.database.rows import create
    from amends.platform.vault.sealing import seal_many

    now = timezone.now()
    for begin in range(0, wanted, AT_A_TIME):
        places = range(begin, min(begin + AT_A_TIME, wanted))
        refs = [f"num-{place:012d}" for place in places]
        numbers = [f"+86170{place:08d}" for place in places]
        sealed = seal_many("protection_number", "number", refs, numbers)
        rows = [
            ReportedNumber(
                ref=ref, entry=ref, number=value, step="block", last_reported_at=now, weight=6.0
            )
            for ref, value in zip(refs, sealed, strict=True)
        ]
        create(rows)
        BlockListChange.objects.bulk_create(
            [
                BlockListChange(
                    number_id=ref,
                    added=True,
                    at=now,
                    until=now + timedelta(days=90),
                    reason="people=4",
                    by="rules",
                )
                for ref in refs
            ],
            batch_size=5_000,
        )


def _most_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
