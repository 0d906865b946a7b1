"""Whose files those are that a restore run as root writes: not root's."""

from __future__ import annotations

import os
import pwd
from collections.abc import Collection
from pathlib import Path


def give_to(folder: Path, like: Path, *, else_to: str = "") -> None:
    """As root: let `folder` belong to whom `like` belongs; where that is root, to `else_to`."""
    if os.geteuid() != 0:
        return
    owner = like.stat()
    user, group = owner.st_uid, owner.st_gid
    if user == 0 and else_to:
        try:
            account = pwd.getpwnam(else_to)
        except KeyError:
            return
        user, group = account.pw_uid, account.pw_gid
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user, group, follow_symlinks=False)


def give_restored(place: Path, *, before: Collection[Path], restored: Collection[Path]) -> None:
    """As root: let what a restore wrote belong to whom `place` belongs, and nothing else.

    before    all that lay in `place` when it began; it stays whose it is, but for
    restored  what took the place of something of its name: files, folders with all in them

    What belongs to another account than root was not written by this restore.
    """
    if os.geteuid() != 0:
        return
    owner = place.stat()
    written = {path for path in place.rglob("*") if path not in before}
    for one in restored:
        if one.is_symlink() or one.exists():
            written |= {one, *one.rglob("*")}
    for path in written:
        if path.lstat().st_uid == 0:
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
