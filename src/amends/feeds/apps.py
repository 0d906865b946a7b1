from __future__ import annotations

from amends import registry


class FeedsConfig(registry.AmendsApp):
    name = "amends.feeds"
    label = "feeds"
    commands = {"import": "amends.feeds.cli:app"}
