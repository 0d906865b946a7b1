"""Where our own files are served from."""

from __future__ import annotations

from functools import lru_cache

from django.contrib.staticfiles.storage import StaticFilesStorage


class OwnFiles(StaticFilesStorage):
    """Django's, which makes the address of a file anew each time: forty times for one page."""

    @lru_cache(maxsize=1024)  # noqa: B019 (one storage lives as long as the process)
    def url(self, name: str | None) -> str:
        """The address of a file."""
        return str(super().url(name))
