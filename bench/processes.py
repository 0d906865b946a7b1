"""What the processes below one have worked, by their command lines."""

from __future__ import annotations

import os
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def below(process: int) -> list[tuple[str, float]]:
    """Command line and seconds of processor of each process below, those that ended included."""
    parents: dict[int, list[int]] = {}
    told: dict[int, tuple[str, float]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
                words = (folder / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
            # utime, stime, and those of children that were waited for
            seconds = sum(int(fields[at]) for at in (11, 12, 13, 14)) / _TICK
            told[int(folder.name)] = words, seconds
            parents.setdefault(int(fields[1]), []).append(int(folder.name))
    found, look = [], [process]
    while look:
        for child in parents.get(look.pop(), []):
            found.append(told[child])
            look.append(child)
    return found


def spent(process: int) -> float:
    """Seconds of processor of one process and of children it waited for."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(int(fields[at]) for at in (11, 12, 13, 14)) / _TICK
