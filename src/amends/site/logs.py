"""Structured logs that carry no personal data."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime

# Anything that could be a number of a person or a mailbox is dropped, not masked: a log needs none.
_PERSONAL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+|(?<![\w.])\+?\d[\d -]{6,}\d[\dXx]?(?![\w.])")


class JsonWithoutPersonalData(logging.Formatter):
    """One JSON object a line: time, level, logger, message; numbers and addresses removed."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _PERSONAL.sub("[removed]", record.getMessage()),
        }
        if record.exc_info:
            # The type and place of an error help; its values may be somebody's data.
            kind, _, trace = record.exc_info
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
            entry["error"] = f"{kind.__name__ if kind else ''} at {place}"
        return json.dumps(entry, ensure_ascii=False)
