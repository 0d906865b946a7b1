from __future__ import annotations

from amends.platform import registry


class TabularConfig(registry.AmendsApp):
    name = "amends.platform.tabular"
    label = "tabular"
