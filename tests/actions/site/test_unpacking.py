"""An archive is unpacked below its folder, whatever it names, on every Python we promise."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from amends.operations.backups.store import UnableToOpenBackup
from amends.operations.backups.unpacking import unpack

pytestmark = pytest.mark.no_database


def unpacked(below: Path, *members: tuple[tarfile.TarInfo, bytes]) -> None:
    below.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        with tarfile.open(f"{folder}/tar", "w:gz") as archive:
            for member, content in members:
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        unpack(Path(folder, "tar"), below)


def named(name: str, kind: bytes = tarfile.REGTYPE, to: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname, member.mode = kind, to, 0o4777
    return member


def test_files_and_folders_are_their_owners_alone(tmp_path: Path) -> None:
    unpacked(
        tmp_path,
        (named("pg", tarfile.DIRTYPE), b""),
        (named("pg/base/1/empty"), b""),
        (named("keys/one"), b"secret"),
    )
    assert (tmp_path / "keys/one").read_bytes() == b"secret"
    assert (tmp_path / "pg/base/1/empty").read_bytes() == b""
    found = set(tmp_path.rglob("*"))
    assert {path.stat().st_mode & 0o7777 for path in found if path.is_file()} == {0o600}
    assert {path.stat().st_mode & 0o7777 for path in found if path.is_dir()} == {0o700}


@pytest.mark.parametrize(
    "member",
    [
        pytest.param(named("../outside"), id="climbing"),
        pytest.param(named("a/../../outside"), id="climbing within"),
        pytest.param(named("/tmp/outside"), id="absolute"),
        pytest.param(named("link", tarfile.SYMTYPE, "/etc/passwd"), id="a link"),
        pytest.param(named("hard", tarfile.LNKTYPE, "good"), id="a hard link"),
        pytest.param(named("pipe", tarfile.FIFOTYPE), id="a pipe"),
        pytest.param(named("null", tarfile.CHRTYPE), id="a device"),
    ],
)
def test_what_leads_elsewhere_is_refused(member: tarfile.TarInfo, tmp_path: Path) -> None:
    with pytest.raises(UnableToOpenBackup):
        unpacked(tmp_path / "below", (named("good"), b"x"), (member, b""))
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["below", "good"]


def test_a_link_that_lies_there_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"mine")
    below = tmp_path / "below"
    below.mkdir()
    (below / "one").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnableToOpenBackup):
        unpacked(below, (named("one"), b"theirs"))
    assert (tmp_path / "elsewhere").read_bytes() == b"mine"
