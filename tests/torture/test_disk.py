"""A disk that is full: a page that says so, no half state, and it goes on by itself."""

from __future__ import annotations

import re
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from installation import Installation, remount, until

pytestmark = [pytest.mark.nightly, pytest.mark.sqlite_only, pytest.mark.mounts]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, 96 MB, in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=96m,mode=700", "tmpfs", str(folder)],
        check=False,
        capture_output=True,
    )
    if done.returncode:
        pytest.skip("Only root may mount a file system.")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def _sessions(desk: Installation) -> int:
    with closing(sqlite3.connect(f"{desk.database.as_uri()}?mode=ro", uri=True)) as line:
        assert line.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return int(line.execute("SELECT count(*) FROM django_session").fetchone()[0])


@pytest.fixture
def desk(small_disk: Path, migrated_database_url: Callable[[Path], str]) -> Iterator[Installation]:
    one = Installation(small_disk / "data", migrated_database_url(small_disk / "data"))
    one.amends("migrate")
    one.amends("user", "wei", "--role", "handler", "--password", "harbour-kite-42")
    one.start("--no-jobs")
    yield one
    one.stop()


def _fill(folder: Path) -> Path:
    """Take every byte that is left."""
    path = folder / "ballast"
    with path.open("wb", buffering=0) as file:
        for size in (1 << 20, 4_096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return path


def test_a_full_disk_is_told_and_when_there_is_room_again_it_goes_on(
    desk: Installation, small_disk: Path
) -> None:
    assert desk.sign_in().status == 302
    before = _sessions(desk)
    ballast = _fill(small_disk)
    # What still fits into pages that are there may be written; then it is said, and said well.
    for _ in range(400):
        told = desk.sign_in()
        assert told.status in (302, 503), told.text[:500]
        if told.status == 503:
            break
    assert told.status == 503
    assert "Nothing can be saved at the moment" in told.text
    assert "send it again" in told.text
    had = _sessions(desk)
    assert had >= before
    assert desk.ask("GET", "/healthz/ready").status == 503
    ballast.unlink()
    until(lambda: desk.sign_in().status == 302, "there is room again")
    assert desk.ask("GET", "/healthz/ready").status == 200
    assert _sessions(desk) > had
    assert desk.ask("GET", "/healthz").status == 200


def test_a_file_system_that_takes_nothing_is_told_at_the_start_and_nothing_is_lost(
    desk: Installation, small_disk: Path
) -> None:
    assert desk.sign_in().status == 302
    had = _sessions(desk)
    desk.stop()
    remount(small_disk, "ro")
    try:
        assert desk.try_amends("operation", "show").returncode == 0, "what reads goes on"
        for words in (["serve", "--port", str(desk.port)], ["migrate"]):
            refused = desk.try_amends(*words)
            assert refused.returncode == 1, words
            assert "Traceback" not in refused.stderr, refused.stderr[-1500:]
            assert re.search("cannot be written|does not answer", refused.stderr), refused.stderr
    finally:
        remount(small_disk, "rw")
    desk.start("--no-jobs")
    assert desk.sign_in().status == 302
    assert _sessions(desk) == had + 1


def test_a_backup_and_a_restore_without_room_say_so_and_blame_no_archive(
    desk: Installation, small_disk: Path, tmp_path: Path
) -> None:
    """Whoever is told that a whole archive is damaged throws the only one away."""
    archive = tmp_path / "whole.backup"
    desk.amends("backup", str(archive))
    there = set(small_disk.iterdir())
    other = Installation(small_disk / "elsewhere")
    other.data.mkdir(mode=0o700)
    ballast = _fill(small_disk)
    for words in (["backup", str(small_disk / "more.backup")], ["restore", str(archive)]):
        at = desk if words[0] == "backup" else other
        refused = at.try_amends(*words)
        assert refused.returncode == 1, refused.stderr[-1500:]
        assert "The disk is full" in refused.stderr
        assert "Traceback" not in refused.stderr
        assert "damaged" not in refused.stderr
    ballast.unlink()
    assert set(small_disk.iterdir()) == there | {other.data}
    done = other.try_amends("restore", str(archive))
    assert done.returncode == 0, done.stderr
