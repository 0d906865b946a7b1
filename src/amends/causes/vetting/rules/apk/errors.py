"""Why a file cannot be read as an Android app."""

from __future__ import annotations

from amends.platform.kit.errors import BadInput


class UnableToReadApk(BadInput):
    """The file is not an Android app, is damaged, or is built to harm who reads it."""

    code = "unable_to_read_apk"
