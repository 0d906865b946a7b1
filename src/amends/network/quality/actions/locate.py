"""Hand out where to measure, with tokens that open one test once."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from amends.network.measurement.signing import read_secret, secret_file, sign
from amends.platform.kit.errors import Unavailable
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.ids import random_id

STREAM_PATHS = ("/ndt/v7/download", "/ndt/v7/upload")
PATHS = (*STREAM_PATHS, "/amends/v1/control")
MAX_STREAMS = 8
_GOOD_FOR = timedelta(minutes=5)


class UnableToLocate(Unavailable):
    """No measurement server is named in the settings."""

    code = "no_measurement_server"


def shared_secret() -> bytes:
    """The secret of console and measurement servers."""
    named = {"AMENDS_DATA_DIR": str(settings.DATA_DIR)} | os.environ
    return read_secret(secret_file(named), create=True)


def locate(*, streams: int, now: datetime) -> dict[str, Any]:
    """A locate answer: `results[].urls` by "wss:///ndt/v7/download", one result for each stream.

    Each address has a token of its own for the same test; it is good for five minutes and says
    which of how many parallel streams it opens. A test has one control socket: the first result's.
    """
    if not settings.SPEED_URL:
        raise UnableToLocate(
            _("This installation has no measurement server."),
            meaning=_("No speed can be measured here."),
            next_step=_("If your line is slow, tell us: a complaint needs no speed test."),
        )
    secret, test = shared_secret(), random_id("spd")
    scheme = urlsplit(settings.SPEED_URL).scheme

    count = max(1, min(streams, MAX_STREAMS))

    def address(path: str, stream: int) -> str:
        token = sign(
            "token",
            {
                "id": random_id(),
                "test": test,
                "path": path,
                "stream": stream,
                "streams": count,
                "not_before": int(now.timestamp()) - 60,
                "expires": int((now + _GOOD_FOR).timestamp()),
            },
            secret=secret,
        )
        return f"{settings.SPEED_URL}{path}?{urlencode({'access_token': token})}"

    return {
        "results": [
            {
                "urls": {
                    f"{scheme}://{path}": address(path, stream)
                    for path in (PATHS if stream == 0 else STREAM_PATHS)
                }
            }
            for stream in range(count)
        ],
        "submit": "/speed/results/",
        "now": now.isoformat(),
    }
