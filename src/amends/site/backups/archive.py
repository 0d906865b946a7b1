"""One archive: a manifest with hashes, the database, the keys, the files."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

import amends
from amends.kit.errors import Refused
from amends.site.backups.databases import copy_in, copy_out
from amends.site.backups.sealing import UnableToOpenBackup, is_sealed, open_file, seal_file

_FOLDERS = ("keys", "files")
_MANIFEST = "manifest.json"


class UnableToBackUp(Refused):
    """The target is there already or cannot be written."""

    code = "unable_to_back_up"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds: name → (SHA-256, bytes)."""

    made_at: str
    engine: str
    version: str
    parts: dict[str, tuple[str, int]]

    def as_json(self) -> str:
        """The manifest as it lies in the archive."""
        return json.dumps(
            {
                "made_at": self.made_at,
                "engine": self.engine,
                "version": self.version,
                "parts": self.parts,
            },
            indent=1,
            sort_keys=True,
        )


def back_up(target: Path, *, now: datetime, passphrase: str = "") -> Manifest:
    """Write an archive of everything to `target` (mode 600), while Amends goes on working."""
    if target.exists():
        raise UnableToBackUp(f"{target} is there already.", next_step="Choose another name.")
    with tempfile.TemporaryDirectory(prefix="amends-backup-", dir=target.parent) as made:
        folder = Path(made)
        # Files before the database: a row never names a file that the archive lacks for being new.
        for name in _FOLDERS:
            if (settings.DATA_DIR / name).is_dir():
                shutil.copytree(settings.DATA_DIR / name, folder / name)
        copy_out(folder)
        manifest = Manifest(
            now.isoformat(), connection.vendor, amends.__version__, _measure(folder)
        )
        (folder / _MANIFEST).write_text(manifest.as_json(), encoding="utf-8")
        plain = folder / "archive.tar.gz"
        _pack(folder, plain)
        finished = folder / "finished"
        if passphrase:
            seal_file(plain, finished, passphrase)
        else:
            plain.rename(finished)
        finished.chmod(0o600)
        _sync(finished)
        finished.rename(target)
    return manifest


def restore(
    source: Path,
    *,
    passphrase: str = "",
    replace: bool = False,
    migrate: Callable[[], None] = lambda: None,
) -> Manifest:
    """Check every part of an archive, then put it in place; `migrate` brings it up to date."""
    with tempfile.TemporaryDirectory(prefix="amends-restore-", dir=settings.DATA_DIR) as made:
        folder = Path(made)
        manifest = _unpack(source, folder, passphrase)
        if manifest.engine != connection.vendor:
            raise UnableToOpenBackup(
                f"The backup is of a {manifest.engine} database, this is {connection.vendor}.",
                next_step="Set AMENDS_DATABASE_URL to the engine of the backup.",
            )
        database = next(folder.glob("database.*"))
        copy_in(database, replace=replace)
        for name in _FOLDERS:
            if (folder / name).is_dir():
                shutil.rmtree(settings.DATA_DIR / name, ignore_errors=True)
                shutil.copytree(folder / name, settings.DATA_DIR / name)
                (settings.DATA_DIR / name).chmod(0o700)
    migrate()
    return manifest


def _pack(folder: Path, plain: Path) -> None:
    with tarfile.open(plain, "w:gz", compresslevel=6) as archive:
        archive.add(folder / _MANIFEST, _MANIFEST)
        for part in sorted(_parts(folder)):
            archive.add(part, part.relative_to(folder).as_posix())


def _unpack(source: Path, folder: Path, passphrase: str) -> Manifest:
    plain = source
    if is_sealed(source):
        if not passphrase:
            raise UnableToOpenBackup(
                "The backup is under a passphrase.", next_step="Give it with --passphrase-file."
            )
        plain = folder / "archive.tar.gz"
        open_file(source, plain, passphrase)
    try:
        with tarfile.open(plain, "r:gz") as archive:
            archive.extractall(folder, filter="data")
        described = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (tarfile.TarError, OSError, EOFError, ValueError) as error:
        raise _damaged(source) from error
    if plain != source:
        plain.unlink()
    parts = {name: (digest, size) for name, (digest, size) in described["parts"].items()}
    if _measure(folder) != parts:
        raise _damaged(source)
    return Manifest(described["made_at"], described["engine"], described["version"], parts)


def _damaged(source: Path) -> UnableToOpenBackup:
    return UnableToOpenBackup(
        f"{source.name} is damaged or is no backup of Amends.",
        meaning="Nothing was restored.",
        next_step="Use an earlier backup.",
    )


def _parts(folder: Path) -> list[Path]:
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and path.name not in (_MANIFEST, "archive.tar.gz", "finished")
    ]


def _measure(folder: Path) -> dict[str, tuple[str, int]]:
    measured = {}
    for path in _parts(folder):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        measured[path.relative_to(folder).as_posix()] = (digest, path.stat().st_size)
    return measured


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
