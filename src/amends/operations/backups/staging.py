"""Where an archive is put together: inside the data directory, for its owner alone.

A process that is killed leaves its folder behind, with the plain database in it. The lock shows
that nobody works there any more, and the next start of Amends deletes the folder.
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

_STAGED = ".backup-"
_PART = "part"


@contextmanager
def staging(target: Path) -> Iterator[tuple[Path, Path]]:
    """A folder (mode 700) in the data directory, and a name beside `target` to write it under.

    Both are gone afterwards.
    """
    settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _lock(fcntl.LOCK_SH):
        folder = Path(tempfile.mkdtemp(prefix=_STAGED, dir=settings.DATA_DIR))
        part = target.absolute().with_name(f".{target.name}{folder.name}")
        (folder / _PART).write_text(str(part), encoding="utf-8")
        try:
            yield folder, part
        finally:
            _delete(folder)


def sweep() -> None:
    """Delete what backups that were killed have left; nothing while one is at work."""
    left = [*settings.DATA_DIR.glob(f"{_STAGED}*")]
    with suppress(OSError):
        if left:
            with _lock(fcntl.LOCK_EX | fcntl.LOCK_NB):
                for folder in left:
                    _delete(folder)


def _delete(folder: Path) -> None:
    with suppress(OSError):
        Path((folder / _PART).read_text(encoding="utf-8")).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _lock(how: int) -> Iterator[None]:
    with (settings.DATA_DIR / ".backups.lock").open("a") as file:
        fcntl.flock(file, how)
        yield
