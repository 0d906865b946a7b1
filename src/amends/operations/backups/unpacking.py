"""Unpack a tar archive of ours: files and folders below one folder, and nothing else."""

from __future__ import annotations

import shutil
import tarfile
import zlib
from pathlib import Path

from amends.operations.backups.store import damaged, new_file
from amends.platform.database.failures import kind_of


def unpack(source: Path, target: Path) -> None:
    """Write what an archive holds below `target`, for its owner alone (700 and 600).

    Python has a filter for this from 3.11.4 on; Debian 12 has 3.11.2. Raises UnableToOpenBackup at
    damage, a name that leads elsewhere, a link or a device, and `OSError` where there is no room.
    """
    try:
        with tarfile.open(source) as archive:
            for member in archive:
                path = target / member.name
                is_inside = ".." not in path.parts and path.is_relative_to(target)
                if not is_inside or not (member.isdir() or member.isreg()):
                    raise tarfile.TarError(f"{member.name} lies outside, or is a link or a device.")
                _make_folder(path if member.isdir() else path.parent)
                if content := archive.extractfile(member):
                    with content, new_file(path) as out:
                        shutil.copyfileobj(content, out, 1 << 20)
    except (tarfile.TarError, OSError, ValueError, EOFError, zlib.error) as error:
        if kind_of(error):  # there is no room to unpack it: the archive may be whole
            raise
        raise damaged(f"{source.parent.name}/{source.name}") from error


def _make_folder(path: Path) -> None:
    if not path.is_dir():
        _make_folder(path.parent)
        path.mkdir(mode=0o700)
