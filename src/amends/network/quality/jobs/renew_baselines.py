"""Write the baselines of cells again once counters were stored."""

from __future__ import annotations

from django.conf import settings

from amends.network.quality.actions.take_counters import bad_directions
from amends.network.quality.actions.write_baselines import write_baselines
from amends.network.quality.queries.counters import baselines_outdated
from amends.platform.kit.packs import zone_of


def renew_baselines() -> int:
    """For how many series of a cell and an indicator; 0 where they are current."""
    if not baselines_outdated():
        return 0
    return write_baselines(bad_directions(), zone=zone_of(settings.JURISDICTION))
