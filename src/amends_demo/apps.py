from __future__ import annotations

from amends.platform import registry


class DemoConfig(registry.AmendsApp):
    name = "amends_demo"
    label = "demo"
    commands = {
        "demo": "amends_demo.cli:demo",
    }
