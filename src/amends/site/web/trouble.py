"""What the database or the disk could not do, told apart: people do different things about it."""

from __future__ import annotations

import errno

from django.db import DatabaseError, InterfaceError, OperationalError

_NO_ROOM = ("disk is full", "no space left", "disk full", "could not extend file", "disk i/o error")
_READ_ONLY = ("readonly database", "read-only file system", "read-only transaction")


def kind_of(error: BaseException | None) -> str:
    """ "full", "read-only", "absent" (a database that does not answer), or "" for all else.

    >>> kind_of(OSError(28, "No space left on device"))
    'full'
    >>> kind_of(ValueError("a mistake of ours"))
    ''
    """
    said = str(error).lower()
    if isinstance(error, OSError):
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            return "full"
        return "read-only" if error.errno == errno.EROFS else ""
    if not isinstance(error, DatabaseError | InterfaceError):
        return ""
    if any(word in said for word in _NO_ROOM):
        return "full"
    if any(word in said for word in _READ_ONLY):
        return "read-only"
    return "absent" if isinstance(error, OperationalError | InterfaceError) else ""


_WORDS = {
    "full": "The disk is full",
    "read-only": "The database or the data directory cannot be written",
    "absent": "The database does not answer",
}
_STEPS = {
    "full": "Make room, then run it again.",
    "read-only": "See why its file system takes nothing (`mount`, `dmesg`), then run it again.",
    "absent": "See whether it runs, and whether `amends migrate` made its tables.",
}


def told_at_the_shell(error: BaseException) -> str:
    """The same in words for who runs a command; "" where it is a mistake of ours.

    >>> told_at_the_shell(OSError(28, "No space left on device"))[:47]
    'The disk is full (No space left on device). Not'
    """
    if not (kind := kind_of(error)):
        return ""
    why = getattr(error, "strerror", None) or str(error).strip().partition("\n")[0]
    return f"{_WORDS[kind]} ({why}). Nothing was left half done. {_STEPS[kind]}"
