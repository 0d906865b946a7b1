"""Which code this is: the version, and the commit it was built from.

A wheel carries its commit in `commit.txt`, written by `hatch_build.py`. A checkout reads it from
`.git`, without starting git.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

COMMIT_FILE = "commit.txt"
_DIGITS = 12


def commit_of_checkout(root: Path) -> str:
    """The commit that is checked out in the folder `root`, in 40 digits; "" outside of git."""
    try:
        git = root / ".git"
        if git.is_file():  # a worktree: "gitdir: PATH"
            git = root / git.read_text(encoding="utf-8").partition(": ")[2].strip()
        head = (git / "HEAD").read_text(encoding="utf-8").strip()
        if not head.startswith("ref: "):
            return head
        name = head.removeprefix("ref: ")
        common = git / "commondir"
        shared = git / common.read_text(encoding="utf-8").strip() if common.is_file() else git
        for folder in (git, shared):
            if (folder / name).is_file():
                return (folder / name).read_text(encoding="utf-8").strip()
        lines = (shared / "packed-refs").read_text(encoding="utf-8").splitlines()
        return next((line.split()[0] for line in lines if line.endswith(f" {name}")), "")
    except OSError:
        return ""


@cache
def commit() -> str:
    """The first twelve digits of the commit of this code; "" where it is unknown."""
    package = Path(__file__).parents[2]
    try:
        built = (package / COMMIT_FILE).read_text(encoding="ascii").strip()
    except OSError:
        built = commit_of_checkout(package.parents[1])
    return built[:_DIGITS]


@cache
def release() -> str:
    """Version and commit as PEP 440 writes them, such as "0.2.0+9eca7df6d176"."""
    from amends import __version__

    return f"{__version__}+{commit()}" if commit() else __version__
