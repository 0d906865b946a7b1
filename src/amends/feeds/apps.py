from __future__ import annotations

from amends import registry


class FeedsConfig(registry.AmendsApp):
    name = "amends.feeds"
    label = "feeds"
    commands = {
        "classify": "amends.feeds.classify_file:classify",
        "import": "amends.feeds.cli:app",
    }
