"""`amends backup FILE`: everything in one file, a tar of a store with one moment in it."""

from __future__ import annotations

import os
import tarfile
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection

import amends
from amends.operations.backups.databases import dump
from amends.operations.backups.folders import Folders
from amends.operations.backups.staging import staging, sweep
from amends.operations.backups.store import Manifest, Store, UnableToBackUp, new_file, sync
from amends.platform.kit.errors import gettext_noop as _


def back_up(target: Path, *, now: datetime, passphrase: str = "") -> None:
    """Write an archive of everything to `target` (mode 600), while Amends goes on working."""
    if target.exists() or not os.access(target.parent, os.W_OK | os.X_OK):
        raise _unable(target)
    sweep()
    with staging(target) as (folder, part):
        store = Store(folder / "backup", passphrase, create=True)
        manifest = Manifest(connection.vendor, now.astimezone(UTC).isoformat(), amends.__version__)
        dump(folder / "database")
        manifest.base = store.put_file(folder / "database")
        (folder / "database").unlink()
        files = Folders(store).store()
        manifest.moments = [{"at": manifest.made_at, "log": 0, "files": files}]
        store.save(manifest)
        with new_file(part) as file, tarfile.open(fileobj=file, mode="w") as archive:
            archive.add(store.folder, ".")
        sync(part)
        try:
            os.link(part, target)
        except FileExistsError:
            raise _unable(target) from None
        sync(target.parent)


def _unable(target: Path) -> UnableToBackUp:
    return UnableToBackUp(
        _("%(file)s is there already, or its folder is none that one can write to."),
        next_step=_("Choose another name."),
        values={"file": target},
    )
