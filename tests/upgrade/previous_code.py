"""The code of the previous release, taken from the history of this repository."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from tempfile import mkdtemp

from tests.upgrade.release import previous_release

ROOT = Path(__file__).parents[2]
_ARCHIVED = ("src", "pyproject.toml", "requirements")


def has_history() -> bool:
    """Whether this checkout has the commit: an archive of the sources or a shallow clone has not."""
    command = ["git", "-C", str(ROOT), "cat-file", "-e", f"{previous_release().commit}^{{commit}}"]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def previous_code() -> Path:
    """The folder for PYTHONPATH with the code of the previous release, unpacked once into build/."""
    commit = previous_release().commit
    folder = ROOT / "build" / f"release-{commit[:8]}"
    if not folder.is_dir():
        folder.parent.mkdir(exist_ok=True)
        unpacked = Path(mkdtemp(prefix="release-", dir=folder.parent))
        archive = subprocess.run(
            ["git", "-C", str(ROOT), "archive", commit, *_ARCHIVED], capture_output=True, check=True
        )
        subprocess.run(["tar", "-x", "-C", str(unpacked)], input=archive.stdout, check=True)
        unpacked.chmod(0o755)
        try:
            unpacked.rename(folder)
        except OSError:  # another process was first
            assert folder.is_dir()
    return folder / "src"


def previous_path() -> str:
    """PYTHONPATH of the previous release: its code, and its packages that the present lock lacks."""
    code = previous_code()
    packages = code.parent / "packages"
    if missing := missing_packages():
        if not packages.is_dir():
            _install(missing, packages)
        return f"{code}{os.pathsep}{packages}"
    return str(code)


def missing_packages() -> list[str]:
    """Packages that the previous release needs and the present lock has no more."""
    text = (previous_code().parent / "pyproject.toml").read_text(encoding="utf-8")
    missing = []
    for requirement in tomllib.loads(text)["project"]["dependencies"]:
        name = re.match(r"[\w.-]+", requirement)
        assert name is not None
        try:
            distribution(name[0])
        except PackageNotFoundError:
            missing.append(name[0])
    return missing


def _install(names: list[str], folder: Path) -> None:
    """Install packages in the versions of the previous release's lock."""
    lock = (folder.parent / "requirements/run.lock").read_text(encoding="utf-8")
    pinned = "".join(
        block
        for block in re.split(r"^(?=\S)", lock, flags=re.MULTILINE)
        if re.split(r"\[|==", block)[0] in names
    )
    wanted = folder.parent / "missing.lock"
    wanted.write_text(pinned, encoding="utf-8")
    scratch = Path(mkdtemp(prefix="packages-", dir=folder.parent))
    words = ("install", "--quiet", "--no-deps", "--require-hashes", "--target", str(scratch))
    subprocess.run(
        [sys.executable, "-m", "pip", *words, "-r", str(wanted)],
        check=True,
        env=os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )
    scratch.rename(folder)
