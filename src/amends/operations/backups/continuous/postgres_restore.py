"""Put a kept PostgreSQL server back: check all of it, then lay out a folder that starts anywhere.

Debian keeps the configuration outside the data directory, so a copy of that directory holds none;
and the account of the server may not read the backup. So what is missing is written, and the log it
needs lies in the folder itself.
"""

from __future__ import annotations

import json
import pwd
import shutil
import tarfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext

from amends.kit.errors import gettext_noop as _
from amends.operations.backups.continuous.moment import Way
from amends.operations.backups.continuous.postgres import first_log
from amends.operations.backups.continuous.records import Base
from amends.operations.backups.continuous.server_log import Log, digest
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


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes into the new server's folder; all of it was checked."""

    copy: Path
    log: list[Path]
    lines: list[str]
    told: dict[str, str]


def checked(store: Store, way: Way, *, at: datetime | None) -> Plan:
    """What is needed for the moment, or UnableToOpenBackup; nothing was touched yet."""
    folder = store.folder / "pg"
    copy = folder / way.base.pieces[0]
    _check_copy(copy, way.base)
    try:
        first = first_log(copy)
    except (OSError, tarfile.TarError, KeyError, EOFError) as error:
        raise _broken(_("%(part)s is missing or damaged."), f"{copy.name}/base.tar.gz") from error
    log = _checked_log(folder / "wal", first, way, to_the_end=at is None)
    lines = ["recovery_target_timeline = 'latest'", "hot_standby = off"]
    if at is not None:
        lines += (
            [f"recovery_target_lsn = '{way.end.lsn}'", "recovery_target_inclusive = off"]
            if way.end.lsn
            else [f"recovery_target_time = '{at.isoformat()}'"]
        )
        lines += ["recovery_target_action = 'promote'"]
    about = copy / "server.json"
    told = json.loads(about.read_text(encoding="utf-8")) if about.exists() else {}
    return Plan(copy, log, lines, told)


def refuse_full(target: Path) -> None:
    """Refuse a folder that holds something."""
    if target.exists() and any(target.iterdir()):
        raise UnableToCopyDatabase(
            _("%(file)s is not empty."),
            meaning=_("Nothing was restored."),
            next_step=_("Name an empty or a new folder with --into."),
            values={"file": target},
        )


def lay_out(plan: Plan, target: Path) -> None:
    """Write the server's folder, ready to recover when it starts, readable for its account."""
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tarfile.open(plan.copy / "base.tar.gz") as archive:
        unpack(archive, target)
    log = target / LOG
    log.mkdir(mode=0o700)
    for path in plan.log:
        # The newest piece is still under way and bears another end to its name.
        shutil.copyfile(path, log / path.name.removesuffix(".partial"))
    fetch = f'restore_command = \'cp "{log.absolute()}/%f" "%p"\''
    _write_missing(target, plan.told)
    with (target / "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
        settings.write("\n".join(["", fetch, *plan.lines, ""]))
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


def _check_copy(copy: Path, base: Base) -> None:
    wanted = base.hashes or {"base.tar.gz": "", "backup_manifest": ""}
    for name, told in wanted.items():
        path = copy / name
        if not path.exists():
            raise _broken(_("%(part)s is missing."), f"{copy.name}/{name}")
        if told and digest(path) != told:
            raise _broken(_("%(part)s is not what it was."), f"{copy.name}/{name}")


def _checked_log(folder: Path, first: str, way: Way, *, to_the_end: bool) -> list[Path]:
    """The pieces from the copy's first to the moment's, each there and as it was."""
    begin = Log(folder, _size(folder, first))
    pieces = begin.all()
    start = begin.number(first)
    tail = way.end.tail
    last = begin.number(tail[0]) if tail else max(pieces, default=start)
    hashes = {name: told for segment in way.segments for name, told in segment.log.items()}
    for number in range(start, last + 1):
        if number not in pieces:
            which = f"{number - start + 1}/{last - start + 1}"
            raise _broken(_("Piece %(part)s of the log is missing."), which)
        for path in pieces[number]:
            if (told := hashes.get(path.name)) and digest(path) != told:
                raise _broken(_("%(part)s is not what it was."), f"pg/wal/{path.name}")
    if tail:
        name, length, told = tail
        path = begin.file(name)
        if path is None or digest(path, length) != told:
            raise _broken(_("%(part)s is not what it was."), f"pg/wal/{name}")
    end = max(pieces) if to_the_end else last
    histories = sorted(folder.glob("*.history"))
    return [*histories, *(p for n in range(start, end + 1) for p in pieces.get(n, []))]


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
