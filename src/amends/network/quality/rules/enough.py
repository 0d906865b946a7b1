"""What a line is enough for: what people do, and what it takes."""

from __future__ import annotations

from dataclasses import dataclass

from amends.platform.kit.errors import gettext_noop as _


@dataclass(frozen=True, slots=True)
class Use:
    """Something people do with a line, and the least it takes; round trip under load in ms."""

    name: str
    down_mbps: float
    up_mbps: float = 0.0
    within_ms: float | None = None


USES = (
    Use(_("Messages, web pages, music"), 1),
    Use(_("Video in high definition"), 5),
    Use(name=_("Video meeting"), down_mbps=3, up_mbps=3, within_ms=200),
    Use(_("Video in 4K"), 25),
    Use(name=_("Online games"), down_mbps=5, up_mbps=1, within_ms=60),
    Use(_("Several people at once, large downloads"), 100, 10),
)
"""House rule: what common services recommend to their users, rounded up."""


def enough_for(
    *, down_mbps: float, up_mbps: float, loaded_ms: float | None
) -> list[tuple[str, bool]]:
    """Each use, and whether the line is enough; a round trip that is not known decides nothing.

    >>> [name for name, enough in enough_for(down_mbps=6, up_mbps=0.5, loaded_ms=90) if enough]
    ['Messages, web pages, music', 'Video in high definition']
    """
    return [
        (
            use.name,
            down_mbps >= use.down_mbps
            and up_mbps >= use.up_mbps
            and (use.within_ms is None or loaded_ms is None or loaded_ms <= use.within_ms),
        )
        for use in USES
    ]
