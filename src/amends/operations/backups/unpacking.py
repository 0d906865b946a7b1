"""Unpack a tar archive of ours: files and folders below one folder, and nothing else."""

from __future__ import annotations

import os
import shutil
import tarfile
from pathlib import Path, PurePosixPath


def unpack(archive: tarfile.TarFile, target: Path) -> None:
    """Write what the archive holds below `target`, for its owner alone (700 and 600).

    Python has a filter for this from 3.11.4 on; Debian 12 has 3.11.2. Raises `tarfile.TarError` at
    a name that leads elsewhere, a link or a device, and `OSError` where a file cannot be written.
    """
    for member in archive:
        place = PurePosixPath(member.name)
        if place.is_absolute() or ".." in place.parts:
            raise tarfile.TarError(f"{member.name} lies outside.")
        path = target / place
        if member.isdir():
            _folder(path)
        elif member.isreg():
            _folder(path.parent)
            _write(archive, member, path)
        else:
            raise tarfile.TarError(f"{member.name} is neither file nor folder.")


def _folder(path: Path) -> None:
    if not path.is_dir():
        _folder(path.parent)
        path.mkdir(mode=0o700)


def _write(archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    content = archive.extractfile(member)
    assert content is not None  # a regular file has one
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with content, os.fdopen(handle, "wb") as out:
        shutil.copyfileobj(content, out, 1 << 20)
