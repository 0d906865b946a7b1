"""Structured logs that carry no personal data."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from amends.platform.environment.build import release
from amends.platform.vault.recognisers import mask_text

# Anything that could be a number of a person or a mailbox is dropped, not masked: a log needs none.
_PERSONAL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+|(?<![\w.])\+?\d[\d -]{6,}\d[\dXx]?(?![\w.])")


class JsonWithoutPersonalData(logging.Formatter):
    """One JSON object a line: time, version, level, logger, message; numbers and addresses removed.

    Of an address that was asked for only its pattern is told: what somebody put into it may be
    anything.
    """

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "version": release(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _PERSONAL.sub("[removed]", mask_text(_message(record)).text),
        }
        if record.exc_info:
            # The type and place of an error help, and the database's code for it; its values may be
            # somebody's data.
            kind, error, trace = record.exc_info
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            location = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
            entry["error"] = f"{kind.__name__ if kind else ''}{_state(error)} at {location}"
        return json.dumps(entry, ensure_ascii=False)


def _state(error: BaseException | None) -> str:
    """The SQLSTATE of what a database refused, in brackets: a deadlock is no full disk."""
    state = getattr(getattr(error, "__cause__", None), "sqlstate", None)
    return f" ({state})" if state else ""


def _message(record: logging.LogRecord) -> str:
    """The message, with the pattern of the address in place of the address."""
    log_text = record.getMessage()
    request: Any = getattr(record, "request", None)
    path = getattr(request, "path", "")
    if len(path) > 1:
        match = getattr(request, "resolver_match", None)
        pattern = f"/{match.route}" if match else "an address that is not ours"
        for written in (request.get_full_path(), path, unquote(path)):
            log_text = log_text.replace(written, pattern)
    return log_text
