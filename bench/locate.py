"""Planted faults located to their link, and faults reported on clean chains.

python bench/locate.py [--held-out] [--chains 60]
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from datetime import timedelta

from locate_worlds import HELD_OUT, KINDS, WORLDS, Case, Planted, World, simulate

from amends.causes.vetting.rules.chain_events import LocatedFault
from amends.causes.vetting.rules.fault_location import locate_faults


def located(fault: Planted, found: LocatedFault) -> bool:
    """At its link, at most three hours early and 24 hours late, and at the same time."""
    return (
        found.link == fault.link
        and found.from_at >= fault.start - timedelta(hours=3)
        and found.to_at <= fault.end + timedelta(hours=24)
        and found.from_at < fault.end
        and found.to_at > fault.start
    )


def measure(world: World, chains: int, *, verbose: bool) -> None:
    """Print the figures of one world."""
    began, hits, planted, extra = time.monotonic(), Counter(), Counter(), 0
    for seed in range(chains):
        case: Case = simulate(world, seed, kind=KINDS[seed % len(KINDS)])
        found = locate_faults(case.events, case.chain)
        for fault in case.planted:
            planted[fault.kind] += 1
            if any(located(fault, one) for one in found):
                hits[fault.kind] += 1
            elif verbose:
                print("  missed", seed, fault, [(f.link, f.from_at, f.to_at) for f in found])
        strange = [one for one in found if not any(located(f, one) for f in case.planted)]
        extra += len(strange)
        if verbose and strange:
            print("  extra", seed, case.planted, strange)
    clean_reported = 0
    for seed in range(chains):
        case = simulate(world, 10_000 + seed, kind=None)
        found = locate_faults(case.events, case.chain)
        clean_reported += bool(found)
        if verbose and found:
            print("  clean", 10_000 + seed, found)
    share = sum(hits.values()) / sum(planted.values())
    kinds = " ".join(f"{kind} {hits[kind]}/{planted[kind]}" for kind in KINDS)
    seconds = (time.monotonic() - began) / (2 * chains)
    print(
        f"{world.name:15} located {share:.1%} ({kinds}); {extra} others; "
        f"clean chains with a fault {clean_reported}/{chains}; {seconds:.2f} s each"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--chains", type=int, default=60)
    parser.add_argument("--world", default="")
    parser.add_argument("--verbose", action="store_true")
    given = parser.parse_args()
    for each in (HELD_OUT if given.held_out else WORLDS).values():
        if not given.world or given.world == each.name:
            measure(each, given.chains, verbose=given.verbose)
