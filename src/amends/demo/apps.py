from __future__ import annotations

from amends import registry


class DemoConfig(registry.AmendsApp):
    name = "amends.demo"
    label = "demo"
    commands = {
        "demo": "amends.demo.cli:demo",
    }
