"""Put a moment of a backup back: all of it is checked before anything is touched."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from amends.operations.backups import postgres_restore
from amends.operations.backups.databases import files, holds_data, load, move_in
from amends.operations.backups.folders import FOLDERS, put_back
from amends.operations.backups.sqlite import replay
from amends.operations.backups.store import Manifest, Store, UnableToRestore, sync
from amends.operations.backups.unpacking import unpack
from amends.platform.database.roles import refuse_who_owns_nothing
from amends.platform.kit.errors import gettext_noop as _


def restore(
    source: Path,
    *,
    at: datetime | None = None,
    passphrase: str = "",
    replace: bool = False,
    into: Path | None = None,
    migrate: Callable[[], None] = lambda: None,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> datetime:
    """Put the last moment at or before `at` (None: the newest) in place; which one it was.

    source  an archive, or the folder that `amends backup --keep` writes
    into    of a PostgreSQL server: the folder of a new one, which recovers when it is started
    migrate brings the restored database up to date

    Amends must be at rest: stop `serve` and `work` first. Nothing is touched before the whole
    backup proved itself, and nothing that holds data without `replace`.
    """
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.DATA_DIR) as temporary_folder:
        scratch = Path(temporary_folder)
        if source.is_file():
            unpack(source, scratch / "archive")
        store = Store(scratch / "archive" if source.is_file() else source, passphrase)
        manifest, moment = store.moment(at)
        _refuse(manifest, into, replace=replace)
        put_back(store, moment["files"], scratch)
        if into is not None:
            postgres_restore.lay_out(store.folder / "pg", manifest, moment, into, to_end=at is None)
        elif connection.vendor == "sqlite":
            # Beside its place, so that taking the place is a matter of a name.
            fresh = files()[0].with_suffix(".restoring")
            fresh.unlink(missing_ok=True)
            store.get_file(manifest.base, fresh, progress)
            replay(fresh, manifest.log[: moment["log"]], store)
            move_in(fresh)
        else:
            store.get_file(manifest.base, scratch / "dump", progress)
            load(scratch / "dump")
        for name in FOLDERS:
            _put_in_place(scratch / name, settings.DATA_DIR / name, scratch / f"before-{name}")
    if into is None:
        migrate()
    _give_to_owner(settings.DATA_DIR)
    return datetime.fromisoformat(moment["at"])


def _refuse(manifest: Manifest, into: Path | None, *, replace: bool) -> None:
    """Refuse what does not fit, and to overwrite data or keys that may be in use elsewhere."""
    if manifest.kind.split()[0] != connection.vendor:
        raise UnableToRestore(
            _("The backup is of a %(engine)s database, this is %(vendor)s."),
            meaning=_("Nothing was restored."),
            next_step=_("Set AMENDS_DATABASE_URL to the engine of the backup."),
            values={"engine": manifest.kind, "vendor": connection.vendor},
        )
    if (manifest.kind == postgres_restore.KIND) != (into is not None):
        raise UnableToRestore(
            _("What was kept of a PostgreSQL server, and nothing else, is restored with --into."),
            next_step=_("Name an empty folder for the new server, or leave --into out."),
        )
    if into is None:
        refuse_who_owns_nothing(connection)
    for where, is_taken in (
        (connection.settings_dict["NAME"], into is None and holds_data()),
        (settings.DATA_DIR / "keys", (settings.DATA_DIR / "keys" / "vault.json").exists()),
    ):
        if is_taken and not replace:
            raise UnableToRestore(
                _("%(where)s holds data or keys."),
                meaning=_(
                    "Nothing was restored; without its keys, what is sealed under them is lost."
                ),
                next_step=_("Restore into an empty place, or say --replace if it may be lost."),
                values={"where": where},
            )


def _put_in_place(folder: Path, target: Path, before: Path) -> None:
    """Exchange a folder of the data directory; the old one goes with the scratch folder."""
    if target.exists():
        target.rename(before)
    if folder.is_dir():
        folder.rename(target)
    sync(target.parent)


def _give_to_owner(data_folder: Path) -> None:
    """As root: what a restore or the start of a command wrote belongs to whom `place` does."""
    if os.geteuid() == 0:
        made_anew = [Path(settings.STATIC_ROOT), Path(settings.CACHES["default"]["LOCATION"])]
        for root in (*(data_folder / name for name in FOLDERS), *files(), *made_anew):
            for path in (root, *root.rglob("*")):
                if path.exists() and path.lstat().st_uid == 0:
                    owner = data_folder.stat()
                    os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
