"""How full the disks are that Amends writes to, and those the operator names."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from amends.operations.backups.status import read_status
from amends.operations.queries.disk_usage import used_share


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk by what lies on it, and the share that is taken; None where it cannot be seen."""

    of: str
    used_share: float | None


def disks() -> list[Disk]:
    """Each disk once, by the first that lies on it: data, register of erasures, named folders.

    The backup process reads the disk of its folder, which may not be seen from here.
    """
    folders = [("data", settings.DATA_DIR), ("register", settings.ERASURES_FILE.parent)]
    folders += [(str(path), path) for path in settings.DISKS]
    disk_list, seen = [], set()
    for of, path in folders:
        try:
            device = path.stat().st_dev
        except OSError:
            disk_list.append(Disk(of, None))
            continue
        if device not in seen:
            seen.add(device)
            disk_list.append(Disk(of, used_share(path)))
    return [*disk_list, Disk("backup", read_status().disk_used_share)]
