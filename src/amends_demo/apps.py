from __future__ import annotations

from amends.platform import registry


class DemoConfig(registry.AmendsApp):
    name = "amends_demo"
    label = "demo"
    commands = {
        "demo": "amends_demo.cli:demo",
    }
    urls = (("demo/", "amends_demo.web.urls"),)

    def ready(self) -> None:
        from amends_demo.delivery import deliver_here

        # Before the channels register theirs: `amends_demo` is listed above them.
        deliver_here()
