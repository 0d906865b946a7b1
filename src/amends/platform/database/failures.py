"""What the database or the disk could not do, told apart: people do different things about it."""

from __future__ import annotations

import errno
import sqlite3

from django.db import DatabaseError, InterfaceError, OperationalError

_NO_ROOM = ("disk is full", "no space left", "disk full", "could not extend file", "disk i/o error")
_READ_ONLY = ("readonly database", "read-only file system", "read-only transaction")


def kind_of(error: BaseException | None) -> str:
    """ "full", "read-only", "absent" (a database that does not answer), or "" for all else.

    >>> kind_of(OSError(28, "No space left on device"))
    'full'
    >>> kind_of(sqlite3.OperationalError("attempt to write a readonly database"))
    'read-only'
    >>> kind_of(ValueError("a mistake of ours"))
    ''
    """
    message = str(error).lower()
    if isinstance(error, OSError):
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            return "full"
        return "read-only" if error.errno == errno.EROFS else ""
    if not isinstance(error, DatabaseError | InterfaceError | sqlite3.Error):
        return ""
    if any(word in message for word in _NO_ROOM):
        return "full"
    if any(word in message for word in _READ_ONLY):
        return "read-only"
    absent = OperationalError | InterfaceError | sqlite3.OperationalError
    return "absent" if isinstance(error, absent) else ""
