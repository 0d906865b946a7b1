"""Which code runs: the commit of a checkout, and of a wheel."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from amends import __version__
from amends.platform.environment.build import COMMIT_FILE, commit_of_checkout, release
from amends.site.logs import JsonWithoutPersonalData

pytestmark = pytest.mark.no_database
COMMIT = "9eca7df6d1760b9d8e4ebae2005fcea87d4a18a7"
ROOT = Path(__file__).parents[3]


def _git(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        file = folder / name.replace("__", "/").replace("_", "-")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "files",
    [
        {"HEAD": f"{COMMIT}\n"},
        {"HEAD": "ref: refs/heads/main\n", "refs__heads__main": f"{COMMIT}\n"},
        {
            "HEAD": "ref: refs/heads/main\n",
            "packed_refs": f"# pack-refs\n{'0' * 40} refs/heads/other\n{COMMIT} refs/heads/main\n",
        },
    ],
    ids=["detached", "branch", "packed"],
)
def test_a_checkout_has_the_commit_of_its_head(tmp_path: Path, files: dict[str, str]) -> None:
    _git(tmp_path / ".git", **files)
    assert commit_of_checkout(tmp_path) == COMMIT


def test_a_worktree_has_its_own_head_and_the_branches_of_the_repository(tmp_path: Path) -> None:
    _git(tmp_path / "main" / ".git", refs__heads__fix=COMMIT)
    own = tmp_path / "main" / ".git" / "worktrees" / "fix"
    _git(own, HEAD="ref: refs/heads/fix\n", commondir="../..\n")
    (tmp_path / "fix").mkdir()
    (tmp_path / "fix" / ".git").write_text(f"gitdir: {own}\n", encoding="utf-8")
    assert commit_of_checkout(tmp_path / "fix") == COMMIT


def test_without_git_the_version_is_all_there_is(tmp_path: Path) -> None:
    assert commit_of_checkout(tmp_path) == ""


def test_each_line_of_the_log_says_which_code_wrote_it() -> None:
    record = logging.LogRecord("amends", logging.ERROR, "x.py", 1, "The disk is full.", (), None)
    entry = json.loads(JsonWithoutPersonalData().format(record))
    assert (entry["version"], entry["message"]) == (release(), "The disk is full.")
    assert release().startswith(__version__)


def test_a_wheel_carries_the_commit_it_was_built_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also without `.git`, where the build names it."""
    source = tmp_path / "source"
    (source / "src/amends/platform/environment").mkdir(parents=True)
    (source / "src/amends_demo").mkdir()
    for name in (
        "pyproject.toml",
        "hatch_build.py",
        "README.md",
        "LICENSE",
        "src/amends/__init__.py",
        "src/amends_demo/__init__.py",
        "src/amends/platform/environment/build.py",
    ):
        (source / name).write_bytes((ROOT / name).read_bytes())
    _git(source / ".git", HEAD=f"{COMMIT}\n")
    assert _commit_in_wheel(source, tmp_path / "checkout") == COMMIT
    (source / ".git" / "HEAD").unlink()
    monkeypatch.setenv("AMENDS_COMMIT", COMMIT)
    assert _commit_in_wheel(source, tmp_path / "named") == COMMIT


def _commit_in_wheel(source: Path, target: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)],
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = target.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(f"amends/{COMMIT_FILE}").decode().strip()
