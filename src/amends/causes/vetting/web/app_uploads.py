"""Uploads of apps: larger than other files, and written to a temporary file while they arrive."""

from __future__ import annotations

import mmap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler

from amends.causes.vetting.actions.send_app import MOST_BYTES


class AppUploadHandler(TemporaryFileUploadHandler):
    """Ends an upload that is larger than an app may be. Apps contain no data of users."""

    received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> Any:
        """Write a chunk, or end the upload."""
        self.received += len(raw_data)
        if self.received > MOST_BYTES:
            raise StopUpload(connection_reset=False)
        return super().receive_data_chunk(raw_data, start)


_ONE_AT_A_TIME = threading.Lock()


@contextmanager
def content_of(file: UploadedFile) -> Iterator[bytes | mmap.mmap]:
    """The content of an uploaded app, mapped instead of read.

    Encrypting a file of 150 MB needs as much memory, so uploads of one process are stored one after
    the other.
    """
    if not file.size:
        yield b""
        return
    with (
        _ONE_AT_A_TIME,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        yield content
