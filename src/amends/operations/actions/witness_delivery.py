"""Handing a checkpoint to the witness, and telling the rest of the installation how that went.

The way is the operator's own program. What is told is a file beside the data: since when somebody
tries, and when it last succeeded.
"""

from __future__ import annotations

import json
import subprocess
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from amends.platform.kit.errors import Unavailable

_FILE = "witness-handed.json"
PATIENCE_S = 300


class UnableToHandOver(Unavailable):
    """The program that carries a checkpoint to the witness did not succeed."""

    code = "unable_to_hand_over"


def hand_over(note: Path, program: Path, *, now: datetime) -> None:
    """Give the program the name of the file that holds a checkpoint; it exits 0 once that is there.

    now   when it began; of the first attempt and of the newest that succeeded it is kept
    """
    report = _stored_report() or {"since": now.isoformat()}
    _tell(report)
    try:
        completed = subprocess.run(  # noqa: S603 (the operator's own program)
            [str(program), str(note)],
            stdin=subprocess.DEVNULL,
            stdout=2,  # ours may be a document
            timeout=PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        why = getattr(error, "strerror", None) or _("no end within %(seconds)s seconds") % {
            "seconds": PATIENCE_S
        }
        raise _failed(program, why) from error
    if completed.returncode:
        raise _failed(program, _("exit code %(code)s") % {"code": completed.returncode})
    _tell(report | {"handed_at": now.isoformat()})


def undelivered_s(now: datetime) -> float | None:
    """Seconds since a checkpoint was last handed over, or since it is tried; None: nobody did."""
    report = _stored_report()
    if report is None:
        return None
    at = datetime.fromisoformat(report.get("handed_at", report["since"]))
    return max((now - at).total_seconds(), 0.0)


def _stored_report() -> dict[str, str] | None:
    """What stands in the file, where it is whole."""
    try:
        report = json.loads((settings.DATA_DIR / _FILE).read_text(encoding="utf-8"))
        for at in (report["since"], report.get("handed_at", report["since"])):
            datetime.fromisoformat(at)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return dict(report)


def _tell(report: dict[str, str]) -> None:
    """A disk that takes nothing keeps no checkpoint from its witness."""
    with suppress(OSError):
        part = settings.DATA_DIR / f"{_FILE}.part"
        part.write_text(json.dumps(report), encoding="utf-8")
        part.replace(settings.DATA_DIR / _FILE)


def _failed(program: Path, why: str) -> UnableToHandOver:
    return UnableToHandOver(
        _("%(program)s did not hand the checkpoint to the witness (%(why)s).")
        % {"program": program, "why": why},
        meaning=_(
            "The witness has an older one, and what was recorded since could be changed "
            "without the witness noticing."
        ),
        next_step=_("See what the program printed, mend the way, and run this again."),
    )
