"""The archive of an app, read within limits of size, count and compression."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from amends.causes.vetting.rules.apk.errors import UnableToReadApk
from amends.platform.kit.errors import gettext_noop as _

MOST_ENTRIES = 60_000
MOST_BYTES = 2_000_000_000
"""What all entries together may inflate to."""
MOST_RATIO = 200
"""How often a large entry may be larger than what is stored of it."""
MOST_RATIO_OF_ALL = 20
"""How often all entries together may be larger than what is stored; apps reach about four."""
SMALL_APP = 100_000_000
"""An app that inflates to less may be compressed as well as it likes."""
SMALL = 20_000_000
"""Below this an entry may be compressed as well as it likes."""
PIECE = 4_000_000
_OVERLAP = 400

_DAMAGED = _("The archive is damaged.")
_FRESH_COPY = _("Send the file as the build made it.")


class Archive:
    """The entries of an app's archive.

    file  open for reading, at least as long as the archive lives
    """

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.size = file.seek(0, 2)
        file.seek(0)
        if file.read(2) != b"PK":
            raise UnableToReadApk(
                _("This is not an Android app: it does not begin as an archive."),
                next_step=_("Send the .apk file itself."),
            )
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise UnableToReadApk(_DAMAGED, next_step=_FRESH_COPY) from error
        self.entries = {zip_info.filename: zip_info for zip_info in self._zip.infolist()}
        if "" in self.entries:
            raise UnableToReadApk(_DAMAGED, next_step=_FRESH_COPY)
        self._check(self._zip.infolist())

    def __contains__(self, name: str) -> bool:
        return name in self.entries

    @property
    def directory_at(self) -> int:
        """Offset of the central directory."""
        return self._zip.start_dir

    @property
    def end_at(self) -> int:
        """Offset of the end record."""
        return self.size - 22 - len(self._zip.comment)

    def between(self, start: int, end: int) -> bytes:
        """Raw bytes of the file."""
        self.file.seek(start)
        return self.file.read(max(0, end - start))

    def read(self, name: str, *, max_bytes: int) -> bytes:
        """The content of an entry of at most `most` bytes."""
        if self.entries[name].file_size > max_bytes:
            raise UnableToReadApk(
                _("%(name)s is larger than %(most)s MB."),
                next_step=_FRESH_COPY,
                values={"name": name[:200], "most": max_bytes // 1_000_000},
            )
        return b"".join(self.pieces(name))

    def pieces(self, name: str, *, overlap: bool = False) -> Iterator[bytes]:
        """The content of an entry in pieces.

        overlap  whether a piece begins with the end of the one before, so that no address is cut
        """
        tail = b""
        try:
            with self._zip.open(self.entries[name]) as stream:
                while piece := stream.read(PIECE):
                    yield tail + piece
                    tail = piece[-_OVERLAP:] if overlap else b""
        except (
            zipfile.BadZipFile,
            zlib.error,
            lzma.LZMAError,
            EOFError,
            OSError,
            ValueError,
            RuntimeError,
            NotImplementedError,
            struct.error,
        ) as error:
            raise UnableToReadApk(
                _("%(name)s in the archive is damaged."),
                next_step=_FRESH_COPY,
                values={"name": name[:200]},
            ) from error

    def _check(self, entries: list[zipfile.ZipInfo]) -> None:
        if len(entries) > MOST_ENTRIES:
            raise UnableToReadApk(
                _("The archive has more than %(most)s entries."),
                next_step=_FRESH_COPY,
                values={"most": f"{MOST_ENTRIES:,}"},
            )
        if len(self.entries) < len(entries):
            raise UnableToReadApk(
                _("Two entries of the archive have the same name: devices may run another."),
                next_step=_FRESH_COPY,
            )
        for entry in entries:
            if entry.filename.startswith(("/", "\\")) or ".." in _parts(entry.filename):
                raise UnableToReadApk(
                    _("The entry %(name)s leads outside the archive."),
                    next_step=_("Build the app without it."),
                    values={"name": entry.filename[:200]},
                )
            if entry.flag_bits & 0x1:
                raise UnableToReadApk(
                    _("The archive is encrypted."),
                    next_step=_("Send the app without a password, as users install it."),
                )
        stored = sum(entry.compress_size for entry in entries)
        inflated = sum(entry.file_size for entry in entries)
        packed = any(
            entry.file_size > SMALL and entry.file_size > MOST_RATIO * max(1, entry.compress_size)
            for entry in entries
        )
        packed |= inflated > SMALL_APP and inflated > MOST_RATIO_OF_ALL * max(1, stored)
        if stored > self.size or inflated > MOST_BYTES or packed:
            raise UnableToReadApk(
                _("The archive would unpack to far more than an app holds."),
                meaning=_("It may be built to exhaust the machine that opens it."),
                next_step=_FRESH_COPY,
            )


def _parts(name: str) -> list[str]:
    return name.replace("\\", "/").split("/")
