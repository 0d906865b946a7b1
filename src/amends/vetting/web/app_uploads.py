"""Uploads of apps: larger than other files, and written to a temporary file while they arrive."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler

from amends.vetting.actions.send_app import MOST_BYTES


class AppUploadHandler(TemporaryFileUploadHandler):
    """Ends an upload that is larger than an app may be. Apps contain no data of users."""

    received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> Any:
        """Write a chunk, or end the upload."""
        self.received += len(raw_data)
        if self.received > MOST_BYTES:
            raise StopUpload(connection_reset=False)
        return super().receive_data_chunk(raw_data, start)
