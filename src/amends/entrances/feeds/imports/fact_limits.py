"""What a feed may not state: no fact is ever erased, so what cannot be so never becomes one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

from amends.platform.kit.errors import BadInput
from amends.platform.kit.periods import to_ms
from amends.record.facts.coverage import EVERYONE
from amends.record.facts.kinds import DONE, KINDS

DOC = "docs/operator/feeds.md"
INITIATORS = ("subscriber", "operator", "partner", "system")
CHARGE_KINDS = (
    "monthly_fee",
    "value_added",
    "usage",
    "overage",
    "roaming_data",
    "roaming_voice",
    "roaming_sms",
    "one_off",
    "install_fee",
    "exit_fee",
    "late_fee",
)
TECHNOLOGIES = ("fibre", "cable", "dsl", "4g", "5g", "fixed_wireless", "satellite")
_OF_AN_AREA = frozenset(("QualityDegraded", "IncidentOpened"))
"""What befalls an area may befall every technology in it."""
_PUBLISHED_AHEAD = frozenset(("OfferPublished", "ClaimPublished"))
_LATEST = timedelta(days=1)
_LATEST_PUBLISHED = timedelta(days=3 * 366)
_CLOCKS_DIFFER_BY = timedelta(minutes=5)
_EARLIEST_YEAR = 1990
_TIMES_MS = range(
    to_ms(datetime(_EARLIEST_YEAR, 1, 1, tzinfo=UTC)), to_ms(datetime(9999, 12, 31, tzinfo=UTC))
)
"""Before them stand seconds, behind them microseconds, or what is no day in any zone."""


class UnableToReadFact(BadInput):
    """One row is no fact; it is set aside with this reason."""

    code = "unable_to_read_fact"


def check_kind(kind: str) -> None:
    """Refuse a kind there is not, and one that no feed states."""
    if kind not in KINDS:
        raise UnableToReadFact(
            _("there is no kind of fact called “%(kind)s”.") % {"kind": kind[:40]},
            next_step=_("The kinds: %(doc)s.") % {"doc": DOC},
        )
    if kind in DONE:
        raise UnableToReadFact(
            _("%(kind)s is stated by Amends alone, of what happens in it.") % {"kind": kind},
            next_step=_("The kinds: %(doc)s.") % {"doc": DOC},
        )


def check_moment(kind: str, happened_at: datetime, *, now: datetime) -> None:
    """Refuse what happens in the future; an offer or a claim may be published ahead."""
    if happened_at.tzinfo is None:
        return  # the fact itself refuses it
    if happened_at > now + (_LATEST_PUBLISHED if kind in _PUBLISHED_AHEAD else _LATEST):
        day_text = happened_at.isoformat()[:10]  # the day as the row says it
        raise UnableToReadFact(
            _("happened on %(day)s, which lies in the future") % {"day": day_text}
        )
    if happened_at.year < _EARLIEST_YEAR:
        raise UnableToReadFact(
            _("happened in %(year)s, before %(earliest)s")
            % {"year": happened_at.year, "earliest": _EARLIEST_YEAR}
        )


def check_values(kind: str, payload: Mapping[str, str | int], *, now: datetime) -> None:
    """Refuse negative numbers, times that are none, words that are not of their field's list, and
    coverage that says nothing."""
    for name, value in payload.items():
        if isinstance(value, int) and value < 0:
            raise UnableToReadFact(
                _("%(field)s is negative.") % {"field": name},
                next_step=_("State money given back as RefundMade."),
            )
        if name.endswith("_ms") and value and value not in _TIMES_MS:
            raise UnableToReadFact(
                _("%(field)s “%(cell)s” is not a time.") % {"field": name, "cell": str(value)[:40]},
                next_step=_("Give milliseconds, such as 1779840000000 for 2026-05-27."),
            )
    technologies = (*TECHNOLOGIES, "all") if kind in _OF_AN_AREA else TECHNOLOGIES
    for name, allowed in (
        ("initiator", INITIATORS),
        ("charge_kind", CHARGE_KINDS),
        ("technology", technologies),
    ):
        cell = str(payload.get(name, allowed[0])).strip()
        if (cell.lower() if name == "technology" else cell) not in allowed:
            raise _not_one_of(name, cell, allowed)
    if kind == "SourceCovered":
        _check_coverage(payload, now=now)


def _check_coverage(payload: Mapping[str, str | int], *, now: datetime) -> None:
    kinds = [part.strip() for part in str(payload["kinds"]).split(",") if part.strip()]
    unknown = [kind for kind in kinds if kind not in KINDS or kind in DONE]
    if unknown or not kinds:
        named = unknown[0] if unknown else ""
        raise UnableToReadFact(
            _("kinds names “%(kind)s”, which no feed states.") % {"kind": named[:40]},
            next_step=_("The kinds: %(doc)s.") % {"doc": DOC},
        )
    scope = str(payload["scope"])
    if scope != EVERYONE and not (scope.startswith(("area:", "brand:")) and scope[-1] != ":"):
        raise _not_one_of("scope", scope, (EVERYONE, "area:NAME", "brand:NAME"))
    if payload["complete"] not in (0, 1):
        raise _not_one_of("complete", str(payload["complete"]), ("1", "0"))
    start, end = payload["from_ms"], payload["to_ms"]
    if not isinstance(start, int) or not isinstance(end, int):
        return  # the fact itself refuses it
    if start >= end:
        raise UnableToReadFact(_("to_ms does not lie after from_ms"))
    if payload["complete"] == 1 and end > to_ms(now + _CLOCKS_DIFFER_BY):
        raise UnableToReadFact(
            _("it calls a time complete that is not over."),
            next_step=_("Send it after the rows it speaks for: %(doc)s.") % {"doc": DOC},
        )


def _not_one_of(field: str, cell: str, allowed: tuple[str, ...]) -> UnableToReadFact:
    return UnableToReadFact(
        _("%(field)s is “%(cell)s”.") % {"field": field, "cell": cell[:40]},
        next_step=_("It can be %(known)s.") % {"known": ", ".join(allowed)},
    )
