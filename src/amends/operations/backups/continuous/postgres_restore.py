"""Put a kept PostgreSQL server back: lay out a folder that starts anywhere, all of it checked.

Debian keeps the configuration outside the data directory, so a copy of that directory holds none;
and the account of the server may not read the backup. So what is missing is written, and the log it
needs lies in the folder itself.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import tarfile
import zlib
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext

from amends.database.failures import kind_of
from amends.kit.errors import gettext_noop as _
from amends.operations.backups.continuous.moment import Way
from amends.operations.backups.continuous.postgres import PIECE, digest, first_log
from amends.operations.backups.continuous.store import Store
from amends.operations.backups.databases import UnableToCopyDatabase
from amends.operations.backups.owners import give_to
from amends.operations.backups.sealing import UnableToOpenBackup
from amends.operations.backups.unpacking import unpack

LOG = "amends_log"
"""Folder in the restored one from which the server takes its log while it recovers."""
OURS = ("restore_command", "recovery_target_timeline", "recovery_target_lsn",
        "recovery_target_time", "recovery_target_inclusive", "recovery_target_action",
        "hot_standby")  # fmt: skip
_CONFIGURATION = """\
# Written by `amends restore`: the copied server kept its configuration elsewhere.
listen_addresses = ''
"""
_DOORS = """\
# Written by `amends restore`: the server's own account without a password, all others with theirs.
local  all          postgres  peer
local  all          all       scram-sha-256
local  replication  all       scram-sha-256
"""


def refuse_full(target: Path) -> None:
    """Refuse a folder that holds something."""
    if target.exists() and any(target.iterdir()):
        raise UnableToCopyDatabase(
            _("%(file)s is not empty."),
            meaning=_("Nothing was restored."),
            next_step=_("Name an empty or a new folder with --into."),
            values={"file": target},
        )


def lay_out(store: Store, way: Way, target: Path, *, at: datetime | None) -> None:
    """Write the server's folder, ready to recover when it starts, readable for its account.

    All of it is checked, or nothing of it stays and UnableToOpenBackup says why.
    """
    folder = store.folder / "pg"
    copy = folder / way.base.pieces[0]
    was_there = target.exists()
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        _unpack(copy, way, target)
        first = first_log((target / "backup_label").read_text(encoding="utf-8"))
        (target / LOG).mkdir(mode=0o700)
        for path in _checked_log(folder / "wal", first, way, to_the_end=at is None):
            # The newest piece is still under way and bears another end to its name.
            shutil.copyfile(path, target / LOG / path.name.removesuffix(".partial"))
    except BaseException:
        shutil.rmtree(target)
        if was_there:
            target.mkdir(mode=0o700)
        raise
    lines = [
        "", f'restore_command = \'cp "{(target / LOG).absolute()}/%f" "%p"\'',
        "recovery_target_timeline = 'latest'", "hot_standby = off",
    ]  # fmt: skip
    if at is not None:
        lines += [
            f"recovery_target_lsn = '{way.end.lsn}'", "recovery_target_inclusive = off",
            "recovery_target_action = 'promote'",
        ]  # fmt: skip
    _write_missing(target, json.loads((copy / "server.json").read_text(encoding="utf-8")))
    with (target / "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
        settings.write("\n".join([*lines, ""]))
    (target / "recovery.signal").touch()
    target.chmod(0o700)
    give_to(target, target.absolute().parent, else_to="postgres")


def next_commands(target: Path) -> str:
    """What to type now, for a server of Debian and for any other."""
    place = target.absolute()
    version = (place / "PG_VERSION").read_text(encoding="ascii").strip()
    owner = pwd.getpwuid(place.stat().st_uid).pw_name
    resets = " ".join(f"-c 'ALTER SYSTEM RESET {name}'" for name in OURS)
    programs = f"/usr/lib/postgresql/{version}/bin"
    start = gettext(
        "1. Start it. Debian, with the cluster %(cluster)s, whose old folder stays where it is:"
    ) % {"cluster": f"{version}/main"}
    return f"""\
{start}
     systemctl stop postgresql@{version}-main
     sed -i "s|^data_directory.*|data_directory = '{place}'|" \
/etc/postgresql/{version}/main/postgresql.conf
     systemctl start postgresql@{version}-main
   {gettext("Elsewhere:")}
     sudo -u {owner} {programs}/pg_ctl -D {place} -l {place}/log -w start
{gettext("2. Wait until this says f:")}
     sudo -u {owner} psql -At -c 'SELECT pg_is_in_recovery()'
{gettext("3. Forget how it was recovered:")}
     sudo -u {owner} psql {resets}
     rm -r {place}/{LOG}"""


def _unpack(copy: Path, way: Way, target: Path) -> None:
    """The copy of the whole in its folder, each file as PostgreSQL's manifest of it says."""
    manifest = copy / "backup_manifest"
    try:
        if digest(manifest) != way.base.hashes[manifest.name]:
            raise _broken(_("%(part)s is not what it was."), f"{copy.name}/{manifest.name}")
        with tarfile.open(copy / "base.tar.gz") as archive:
            unpack(archive, target)
        for one in json.loads(manifest.read_text(encoding="utf-8"))["Files"]:
            name = one.get("Path") or os.fsdecode(bytes.fromhex(one["Encoded-Path"]))
            if digest(target / name) != one["Checksum"]:
                raise _broken(_("%(part)s is not what it was."), f"{copy.name}/base.tar.gz")
    except (OSError, tarfile.TarError, EOFError, zlib.error) as error:
        if kind_of(error):  # there is no room to unpack it: the copy may be whole
            raise
        raise _broken(_("%(part)s is missing or damaged."), copy.name) from error


def _checked_log(folder: Path, first: str, way: Way, *, to_the_end: bool) -> list[Path]:
    """The pieces from the copy's first to the moment's, each there and as it was."""
    size = _size(folder, first)
    pieces: dict[int, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        name = path.name.removesuffix(".partial")
        is_doubled = path.name != name and (folder / name).exists()
        if PIECE.fullmatch(name) and not is_doubled:
            pieces.setdefault(_number(name, size), []).append(path)
    assert way.end.tail is not None
    tail, length, of_tail = way.end.tail
    start, last = _number(first, size), _number(tail, size)
    hashes = {name: found for segment in way.segments for name, found in segment.log.items()}
    for number in range(start, last + 1):
        if number not in pieces:
            which = f"{number - start + 1}/{last - start + 1}"
            raise _broken(_("Piece %(part)s of the log is missing."), which)
        for path in pieces[number]:
            is_tail = path.name.removesuffix(".partial") == tail
            found = hashes.get(path.name)
            if (found and digest(path) != found) or (is_tail and digest(path, length) != of_tail):
                raise _broken(_("%(part)s is not what it was."), f"pg/wal/{path.name}")
    end = max(pieces) if to_the_end else last
    histories = sorted(folder.glob("*.history"))
    return [*histories, *(p for n in range(start, end + 1) for p in pieces.get(n, []))]


def _number(name: str, size: int) -> int:
    """Which piece it is, counted from the beginning of the log; 24 letters, eight the timeline."""
    return int(name[8:16], 16) * ((1 << 32) // size) + int(name[16:24], 16)


def _size(folder: Path, first: str) -> int:
    for path in (folder / first, folder / f"{first}.partial"):
        if path.exists() and (size := path.stat().st_size) and size & (size - 1) == 0:
            return size
    raise _broken(_("%(part)s is missing or cut."), f"pg/wal/{first}")


def _write_missing(target: Path, told: dict[str, str]) -> None:
    lines = [_CONFIGURATION, *(f"{name} = {value}\n" for name, value in sorted(told.items()))]
    for name, text in (
        ("postgresql.conf", "".join(lines)), ("pg_hba.conf", _DOORS), ("pg_ident.conf", ""),
    ):  # fmt: skip
        path = target / name
        if not path.exists():
            path.write_text(text, encoding="utf-8")
            path.chmod(0o600)


def _broken(what: str, part: str) -> UnableToOpenBackup:
    return UnableToOpenBackup(
        what,
        values={"part": part},
        meaning=_("Nothing was restored."),
        next_step=_("Restore an earlier moment with --at, or use another copy of the folder."),
    )
