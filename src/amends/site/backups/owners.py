"""Whose files those are that a restore run as root writes: not root's."""

from __future__ import annotations

import os
import pwd
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
