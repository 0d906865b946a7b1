from __future__ import annotations

from amends import registry


class TabularConfig(registry.AmendsApp):
    name = "amends.tabular"
    label = "tabular"
