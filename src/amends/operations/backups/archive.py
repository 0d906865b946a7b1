"""One archive: a manifest with hashes, the database, the keys, the files, what was learnt."""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

import amends
from amends.database.failures import kind_of
from amends.kit.errors import Refused
from amends.kit.errors import gettext_noop as _
from amends.operations.backups.databases import copy_in, copy_out, files, refuse_to_replace
from amends.operations.backups.owners import give_restored
from amends.operations.backups.sealing import UnableToOpenBackup, is_sealed, open_file, seal_file
from amends.operations.backups.staging import staging, sweep
from amends.operations.backups.unpacking import unpack

FOLDERS = ("keys", "files", "classification")
"""What lies in the data directory and cannot be made anew."""
_PIECE = 1 << 20
_MANIFEST = "manifest.json"
_OWN = (_MANIFEST, "archive.tar.gz", "finished", "target")


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
        raise UnableToBackUp(
            _("%(file)s is there already."),
            next_step=_("Choose another name."),
            values={"file": target},
        )
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise UnableToBackUp(
            _("%(parent)s is no folder one can write to."),
            next_step=_("Make it, or choose another."),
            values={"parent": target.parent},
        )
    sweep()
    with staging(target) as (folder, part):
        # The database before the files: a file is written before its row, so every row that the
        # copy holds names a file that is there, or one that was erased meanwhile. A key is written
        # before anything lies under it, so the keys come after the database too.
        copy_out(folder)
        for name in FOLDERS:
            _copy(settings.DATA_DIR / name, folder / name)
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
        _publish(finished, part, target)
    return manifest


def _publish(finished: Path, part: Path, target: Path) -> None:
    """Give the archive its name, unless somebody took the name meanwhile.

    part  where it is copied to first if the target lies on another file system
    """
    try:
        try:
            os.link(finished, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            part.touch(0o600)
            shutil.copyfile(finished, part)
            _sync(part)
            os.link(part, target)
    except FileExistsError:
        raise UnableToBackUp(
            _("%(file)s is there already."),
            next_step=_("Choose another name."),
            values={"file": target},
        ) from None
    _sync(target.parent)


def restore(
    source: Path,
    *,
    passphrase: str = "",
    replace: bool = False,
    migrate: Callable[[], None] = lambda: None,
) -> Manifest:
    """Check every part of an archive, then put it in place; `migrate` brings it up to date.

    Nothing is touched before the whole archive proved itself, and nothing that holds data without
    `replace`. Amends must be at rest: stop `serve` and `work` first.
    """
    refuse_to_replace(replace=replace)
    refuse_other_keys(replace=replace)
    before = set(settings.DATA_DIR.rglob("*"))
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.DATA_DIR) as made:
        folder = Path(made)
        manifest = _unpack(source, folder, passphrase)
        if manifest.engine != connection.vendor:
            raise UnableToOpenBackup(
                _("The backup is of a %(engine)s database, this is %(vendor)s."),
                meaning=_("Nothing was restored."),
                next_step=_("Set AMENDS_DATABASE_URL to the engine of the backup."),
                values={"engine": manifest.engine, "vendor": connection.vendor},
            )
        copy_in(next(folder.glob("database.*")))
        for name in FOLDERS:
            put_in_place(folder / name, settings.DATA_DIR / name, folder / f"before-{name}")
    migrate()
    give_restored(settings.DATA_DIR, before=before, restored=exchanged())
    return manifest


def exchanged() -> list[Path]:
    """What a restore puts in its namesake's place, and folders any command makes as it starts."""
    made = [Path(settings.STATIC_ROOT), Path(settings.CACHES["default"]["LOCATION"])]
    return [*(settings.DATA_DIR / name for name in FOLDERS), *files(), *made]


def refuse_other_keys(*, replace: bool) -> None:
    """Master keys that are in use somewhere must not vanish for the sake of an empty database."""
    if (settings.DATA_DIR / "keys" / "vault.json").exists() and not replace:
        raise UnableToBackUp(
            _("%(folder)s holds keys already."),
            meaning=_(
                "Nothing was restored; without those keys, what is sealed under them is lost."
            ),
            next_step=_(
                "Restore into an empty data directory, or say --replace if they may be lost."
            ),
            values={"folder": settings.DATA_DIR},
        )


def _copy(source: Path, target: Path) -> None:
    """Copy a folder that others write to: what vanishes under way was erased or never finished."""
    for path in sorted(source.rglob("*")) if source.is_dir() else []:
        if path.suffix == ".part" or path.name.startswith("."):
            continue
        copy = target / path.relative_to(source)
        try:
            if path.is_dir():
                copy.mkdir(parents=True, exist_ok=True, mode=0o700)
            elif path.is_file():
                copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                shutil.copyfile(path, copy)
                copy.chmod(0o600)
        except FileNotFoundError:
            copy.unlink(missing_ok=True)


def put_in_place(folder: Path, target: Path, before: Path) -> None:
    """Exchange a folder of the data directory; the old one goes with the scratch folder."""
    if target.exists():
        target.rename(before)
    if folder.is_dir():
        folder.rename(target)
        target.chmod(0o700)
        for path in target.rglob("*"):
            path.chmod(0o700 if path.is_dir() else 0o600)
    _sync(target.parent)


def _pack(folder: Path, plain: Path) -> None:
    handle = os.open(plain, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with (
        os.fdopen(handle, "wb") as out,
        tarfile.open(fileobj=out, mode="w:gz", compresslevel=6) as archive,
    ):
        archive.add(folder / _MANIFEST, _MANIFEST)
        for part in sorted(_parts(folder)):
            archive.add(part, part.relative_to(folder).as_posix())


def _unpack(source: Path, folder: Path, passphrase: str) -> Manifest:
    plain = source
    if is_sealed(source):
        if not passphrase:
            raise UnableToOpenBackup(
                _("The backup is under a passphrase."),
                meaning=_("Nothing was restored."),
                next_step=_("Give it with --passphrase-file."),
            )
        plain = folder / "archive.tar.gz"
        open_file(source, plain, passphrase)
    try:
        with gzip.open(plain) as stream:
            with tarfile.open(fileobj=stream, mode="r:") as archive:
                unpack(archive, folder)
            # To its very end, where the check sum of the whole stands.
            while stream.read(_PIECE):
                pass
        described = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        parts = {name: (digest, size) for name, (digest, size) in described["parts"].items()}
        manifest = Manifest(described["made_at"], described["engine"], described["version"], parts)
    except (
        tarfile.TarError, OSError, EOFError, zlib.error, ValueError, KeyError, TypeError,
        AttributeError,
    ) as error:  # fmt: skip
        if kind_of(error):  # there is no room to unpack it: the archive may be whole
            raise
        raise _damaged(source) from error
    if plain != source:
        plain.unlink()
    if _measure(folder) != parts or not list(folder.glob("database.*")):
        raise _damaged(source)
    return manifest


def _damaged(source: Path) -> UnableToOpenBackup:
    return UnableToOpenBackup(
        _("%(name)s is damaged or is no backup of Amends."),
        meaning=_("Nothing was restored."),
        next_step=_("Use an earlier backup."),
        values={"name": source.name},
    )


def _parts(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name not in _OWN]


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
