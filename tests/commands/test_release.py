"""`make release` in a clone: what it builds, and what it refuses."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.needs import SBOM_TOOL

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.commands,
    pytest.mark.no_database,
    pytest.mark.needs("history", "cyclonedx"),
]


def _git(clone: Path, *words: str) -> str:
    who = ("-c", "user.name=Test", "-c", "user.email=test@amends.example")
    done = subprocess.run(
        ["git", "-C", str(clone), *who, *words], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def _release(clone: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(clone / "deploy/release.py"), "--sbom-tool", str(SBOM_TOOL)]
    return subprocess.run(
        [*command, "--root", str(clone), "--out", str(clone / "build/release"), *words],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with the files as they are here, committed."""
    folder = tmp_path_factory.mktemp("release") / "amends"
    subprocess.run(
        ["git", "clone", "--quiet", "--shared", str(ROOT), str(folder)], check=True, text=True
    )
    difference = subprocess.run(
        ["git", "-C", str(ROOT), "diff", "--binary", "HEAD"], capture_output=True, check=True
    ).stdout
    if difference:
        subprocess.run(["git", "-C", str(folder), "apply"], input=difference, check=True)
        _git(folder, "commit", "--quiet", "--all", "--message", "site: Try the release")
    return folder


@pytest.fixture(scope="module")
def released(clone: Path) -> Path:
    """The folder of a release."""
    done = _release(clone, "--pictures", "accepted")
    assert done.returncode == 0, done.stderr
    assert "Not signed." in done.stdout
    return clone / "build/release"


@pytest.fixture
def cleaned(clone: Path) -> Iterator[Path]:
    """The clone, put back after the test."""
    head = _git(clone, "rev-parse", "HEAD")
    yield clone
    _git(clone, "reset", "--quiet", "--hard", head)
    _git(clone, "clean", "--quiet", "--force", "-d")


def test_checksums_are_those_of_all_files(released: Path) -> None:
    sums = dict(
        reversed(line.split("  ")) for line in (released / "SHA256SUMS").read_text().splitlines()
    )
    files = {path.name: path for path in released.iterdir() if path.name != "SHA256SUMS"}
    assert sums == {
        name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()
    }
    assert {path.suffix for path in files.values()} == {".whl", ".gz", ".lock", ".json"}


def test_wheel_and_sources_have_the_commit_its_time_and_compiled_texts(
    clone: Path, released: Path
) -> None:
    commit, seconds = _git(clone, "log", "-1", "--format=%H %ct").split()
    (wheel,) = released.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        assert archive.read("amends/commit.txt").decode().strip() == commit
        assert len({entry.date_time for entry in archive.infolist()}) == 1
    assert sum(name.endswith("django.mo") for name in names) > 30
    assert not [name for name in names if name.startswith(("tests/", "build/"))]
    (sources,) = released.glob("*.tar.gz")
    with tarfile.open(sources) as unpacked:
        times = {int(member.mtime) for member in unpacked.getmembers()}
        assert times == {int(seconds)}


def test_components_are_those_of_the_lock_each_with_a_licence(released: Path) -> None:
    (file,) = released.glob("*.cdx.json")
    document = json.loads(file.read_text(encoding="utf-8"))
    assert (document["bomFormat"], document["metadata"]["component"]["name"]) == (
        "CycloneDX",
        "amends",
    )
    lock = (ROOT / "requirements/run.lock").read_text(encoding="utf-8")
    pinned = {re.sub(r"\[.*\]", "", line).split()[0] for line in lock.splitlines() if "==" in line}
    assert {f"{one['name']}=={one['version']}" for one in document["components"]} == pinned
    assert [one["name"] for one in document["components"] if not one["licenses"]] == []
    names = {str(one["licenses"]) for one in document["components"]}
    assert not [name for name in names if "GPL" in name and "LGPL" not in name]


def test_a_changed_file_is_refused(cleaned: Path) -> None:
    (cleaned / "src/amends/left_over.py").write_text("x = 1\n")
    done = _release(cleaned, "--pictures", "accepted")
    assert done.returncode == 1
    assert "src/amends/left_over.py" in done.stderr


def test_a_version_named_differently_is_refused(cleaned: Path) -> None:
    project = cleaned / "pyproject.toml"
    project.write_text(project.read_text().replace('\nversion = "', '\nversion = "9', 1))
    _git(cleaned, "commit", "--quiet", "--all", "--message", "site: Change the version")
    done = _release(cleaned, "--pictures", "accepted")
    assert done.returncode == 1
    assert "src/amends/__init__.py does not have version 9" in done.stderr


def test_pictures_older_than_a_template_are_refused_until_accepted(cleaned: Path) -> None:
    template = cleaned / "src/amends/site/templates/desk/base.html"
    template.write_text(template.read_text() + "\n")
    _git(cleaned, "commit", "--quiet", "--all", "--message", "site: Change the base")
    done = _release(cleaned)
    assert done.returncode == 1
    assert "make release PICTURES=accepted" in done.stderr


@pytest.mark.needs("gpg")
def test_checksums_are_signed_with_the_key_that_is_named(
    released: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from deploy.release import UnableToRelease, sign

    home = Path(tempfile.mkdtemp(dir="/tmp"))  # short: the agent's socket is in it
    monkeypatch.setitem(os.environ, "GNUPGHOME", str(home))
    made = ("--batch", "--passphrase", "", "--quick-gen-key", "release@amends.example")
    try:
        subprocess.run(["gpg", *made], check=True, capture_output=True)
        signature = sign(released / "SHA256SUMS", "gpg:release@amends.example")
        command = ["gpg", "--verify", str(signature), str(released / "SHA256SUMS")]
        subprocess.run(command, check=True, capture_output=True)
        signature.unlink()
        with pytest.raises(UnableToRelease, match="gpg did not sign"):
            sign(released / "SHA256SUMS", "gpg:nobody@amends.example")
        with pytest.raises(UnableToRelease, match=r"gpg:KEY or minisign:FILE"):
            sign(released / "SHA256SUMS", "nobody")
    finally:
        subprocess.run(["gpgconf", "--kill", "gpg-agent"], check=False)
        shutil.rmtree(home, ignore_errors=True)
