"""Put a PostgreSQL server back: a folder that starts anywhere, all of it checked.

Debian keeps the configuration outside the data directory, so a copy of that directory holds none;
and the account of the server may not read the backup. So what is missing is written, and the log it
needs lies in the folder itself.
"""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from amends.operations.backups.databases import UnableToCopyDatabase, run
from amends.operations.backups.postgres import LOG_FILE, PostgresFollower, digest
from amends.operations.backups.store import Manifest, UnableToRestore, damaged
from amends.operations.backups.unpacking import unpack
from amends.platform.kit.errors import gettext_noop as _

KIND = PostgresFollower.kind
LOG = "amends_log"
"""Folder in the restored one from which the server takes its log while it recovers."""
_RECOVERY = {"recovery_target_timeline": "latest", "hot_standby": "off"}
_TO_MOMENT = {"recovery_target_inclusive": "off", "recovery_target_action": "promote"}


def lay_out(
    folder: Path, manifest: Manifest, moment: dict[str, Any], target: Path, *, to_end: bool
) -> None:
    """Write the folder of a server, ready to recover when it starts, readable for its account.

    folder  where pg_basebackup and pg_receivewal wrote
    to_end  recover to the end of the log, not to the moment

    All of it is checked, or nothing of it stays and UnableToOpenBackup says why.
    """
    was_there = target.exists()
    if was_there and any(target.iterdir()):
        raise UnableToRestore(
            _("%(file)s is not empty."),
            meaning=_("Nothing was restored."),
            next_step=_("Name an empty or a new folder with --into."),
            values={"file": target},
        )
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        copy = folder / manifest.server["copy"] / "base.tar.gz"
        if not copy.exists() or digest(copy) != manifest.server["sha256"]:
            raise damaged(f"{copy.parent.name}/{copy.name}")
        unpack(copy, target)
        _copy_log(folder / "wal", manifest, moment, target, to_end=to_end)
    except BaseException:
        shutil.rmtree(target)
        if was_there:
            target.mkdir(mode=0o700)
        raise
    recovery = _RECOVERY | {"restore_command": f'cp "{(target / LOG).absolute()}/%f" "%p"'}
    if not to_end:
        recovery |= _TO_MOMENT | {"recovery_target_lsn": moment["lsn"]}
    for name in ("postgresql.conf", "pg_hba.conf", "pg_ident.conf", "recovery.signal"):
        if not (target / name).exists():
            text = render_to_string(f"operations/restored/{name}", manifest.server)
            (target / name).write_text(text, encoding="utf-8")
            (target / name).chmod(0o600)
    with (target / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
        file.writelines(f"\n{name} = '{value}'" for name, value in recovery.items())
        file.write("\n")
    _give_to_server(target)


def next_commands(target: Path) -> str:
    """What to type now, for a server of Debian and for any other."""
    return render_to_string(
        "operations/restored/next_commands.txt",
        {
            "place": target.absolute(),
            "log": LOG,
            "version": (target / "PG_VERSION").read_text(encoding="ascii").strip(),
            "owner": target.owner(),
            "written": [*_RECOVERY, "restore_command", "recovery_target_lsn", *_TO_MOMENT],
        },
    )


def _copy_log(
    folder: Path, manifest: Manifest, moment: dict[str, Any], target: Path, *, to_end: bool
) -> None:
    """The log from the copy's first file to the moment's, checked by hashes, then each record."""
    first, hashes = manifest.server["first"], dict(manifest.log[: moment["log"]])
    listed = sorted(folder.iterdir(), reverse=True)  # a finished file after its partial one
    paths = {path.name.removesuffix(".partial"): path for path in listed}
    names = sorted(name for name in paths if name >= first and LOG_FILE.fullmatch(name))
    finished = [name for name in names if name in hashes]
    (target / LOG).mkdir(mode=0o700)
    # The moment lies in the file after the finished ones, or in the last of them.
    for name in names if to_end else names[: len(finished) + 1]:
        if name in hashes and digest(paths[name]) != hashes[name]:
            raise damaged(f"wal/{name}")
        shutil.copyfile(paths[name], target / LOG / name)
    label = (target / "backup_label").read_text(encoding="utf-8")
    begin = re.search(r"^START WAL LOCATION: (\S+)", label, re.MULTILINE)
    try:
        if begin is None or finished != [name for name in hashes if name >= first]:
            raise damaged("wal")
        run(
            "pg_waldump",
            "--quiet",
            f"--path={target / LOG}",
            f"--start={begin[1]}",
            f"--end={moment['lsn']}",
        )
    except UnableToCopyDatabase as error:
        raise damaged("wal") from error


def _give_to_server(target: Path) -> None:
    """As root: the folder belongs to whom the one around it does, or to the account of Debian."""
    if os.geteuid() == 0:
        owner = target.absolute().parent.owner()
        with suppress(LookupError):
            for path in (target, *target.rglob("*")):
                shutil.chown(path, *("postgres", "postgres") if owner == "root" else (owner, None))
