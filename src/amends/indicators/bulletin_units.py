"""What the regulator's version of the bulletin says of each area, product, channel and partner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from amends.audits.queries import coverage_of_duties, month_names
from amends.channels.queries.capabilities import electronic
from amends.complaints.queries.corrections import overrules, rule_words
from amends.complaints.queries.units import DIMENSIONS, unit_names
from amends.indicators.columns import at
from amends.indicators.parts import OF_DUTIES, duty_parts, overruled_parts, used_by
from amends.indicators.rules.bulletin import Cell, Section
from amends.indicators.rules.measures import days_taken, days_to_solve, measures
from amends.indicators.rules.shares import Indicator, ShareFigure
from amends.kit.formats import is_chinese
from amends.kit.money import Money
from amends.stats.rates import share

BY = ("area", "product", "channel", "partner")


@dataclass(frozen=True, slots=True)
class BulletinQuarter:
    """What is asked about: the complaints of a quarter, in columns, and the words to say it in.

    currency  of money, "" where it cannot be added up
    """

    frame: pl.DataFrame
    start: date
    end: date
    zone: str
    on: date
    language: str
    brand: str
    currency: str

    def two(self, words: tuple[str, str]) -> str:
        """The words of the reader's language, of a pair in Chinese and English."""
        return words[0] if is_chinese(self.language) else words[1]


def money_heads() -> tuple[str, str]:
    """Heads of the columns of money granted and paid."""
    return pgettext("money", "Granted"), pgettext("money", "Paid")


def definitions_of() -> list[tuple[str, str]]:
    """What time and money of a unit count."""
    granted, paid = money_heads()
    return [
        (_("Mean days"), _("days from receipt to the first resolution, of those resolved")),
        (
            _("Days to solve 80%%") % {},
            _("days begun within which 80%% of all complaints received were resolved") % {},
        ),
        (
            granted,
            _(
                "what was decided for users, in whole or in part, paid or not yet; of a "
                "complaint decided anew, at least what was paid before"
            ),
        ),
        (paid, _("what billing has acknowledged")),
    ]


def unit_sections(asked: BulletinQuarter, known: Sequence[Indicator]) -> list[Section]:
    """Shares, time and money by each dimension; contacts and orders; rules set aside; duties."""
    handled = [_handled_by(by, asked, known) for by in BY]
    return [*handled, _used(asked), _overruled(asked), _duties(asked)]


def _handled_by(by: str, asked: BulletinQuarter, known: Sequence[Indicator]) -> Section:
    names, taken = unit_names(by), days_taken(asked.frame, by)
    shares = [one for one in known if (one.id, by) != ("electronic", "channel")]
    rows: list[tuple[Cell, ...]] = []
    for one in measures(asked.frame, by, electronic=electronic()):
        days = days_to_solve(taken.get(one.unit, {}), one.complaints)
        money = [
            Money(minor, asked.currency) if asked.currency else None
            for minor in (one.refunded_minor, one.paid_minor)
        ]
        rows.append(
            (
                names.get(one.unit, one.unit) or _("not known"),
                one.complaints,
                *(each.of_measure(one) for each in shares),
                one.mean_days,
                days,
                *money,
            )
        )
    heads = [asked.two((one.zh, one.en)) for one in shares]
    header = (
        str(DIMENSIONS[by]),
        _("Complaints"),
        *heads,
        _("Mean days"),
        _("Days to solve 80%%") % {},
        *money_heads(),
    )
    forms = ("text", "count", *("interval" for _one in heads), "days", "count", "money", "money")
    note = _("Shares with their exact 95%% interval; in order of names: nobody is ranked.") % {}
    if not asked.currency:
        note += " " + _("Money was granted in several currencies: it is not added up.")
    title = _("How they were handled, by %(dimension)s") % {"dimension": DIMENSIONS[by]}
    return Section(f"by-{by}", title, header, forms, _by_name(rows), note)


def _by_name(rows: list[tuple[Cell, ...]]) -> list[tuple[Cell, ...]]:
    return sorted(rows, key=lambda row: str(row[0]))


def _used(asked: BulletinQuarter) -> Section:
    """Contacts and orders by what has no table of its own above."""
    rows: list[tuple[Cell, ...]] = []
    for by in (one for one in BY if one != "channel"):
        names = unit_names(by)
        found = used_by(by, start=asked.start, end=asked.end, brand=asked.brand, zone=asked.zone)
        rows += [
            (
                str(DIMENSIONS[by]),
                names.get(one.unit, one.unit) or _("not known"),
                one.complaint,
                one.enquiry,
                one.orders,
            )
            for one in found
        ]
    header = (_("Dimension"), _("Unit"), _("About complaints"), _("Enquiries"), _("Orders"))
    note = _("Contacts, not complaints: who calls three times about one matter counts thrice.")
    forms = ("text", "text", "count", "count", "count")
    return Section("used", _("Contacts and orders"), header, forms, rows, note)


def _overruled(asked: BulletinQuarter) -> Section:
    moment = at(settings.TIME_ZONE)
    rules = overrules(since=moment(asked.start), until=moment(asked.end), brand=asked.brand)
    where = {"start": asked.start, "end": asked.end, "brand": asked.brand}
    parts = {by: overruled_parts(by, **where) for by in BY}
    rows: list[tuple[Cell, ...]] = []
    for one in rules:
        words = rule_words(one.rule).title
        whole = share(min(one.overruled, one.decided), one.decided)
        rows.append((words, _("everything"), one.overruled, one.decided, whole))
        rows += _beyond(words, one.rule, parts)
    header = (_("Rule"), pgettext("cells", "Where"), _("Overruled"), _("Verdicts"), _("Share"))
    return Section(
        "overruled", _("Rules overruled by people"), header, _PART_FORMS, rows, _beyond_note()
    )


def _duties(asked: BulletinQuarter) -> Section:
    found = coverage_of_duties(
        month_names(asked.start, asked.end),
        on=asked.on,
        brand=asked.brand,
        jurisdiction=settings.JURISDICTION,
    )
    where = {"start": asked.start, "end": asked.end, "brand": asked.brand}
    parts = {by: duty_parts(by, **where) for by in BY if by in OF_DUTIES}
    rows: list[tuple[Cell, ...]] = []
    for one in found:
        words = asked.two((one.title_zh, one.title_en))
        whole = share(one.total.in_time, one.total.known)
        rows.append((words, _("everything"), one.total.in_time, one.total.known, whole))
        rows += _beyond(words, one.duty, parts)
    header = (_("Duty"), pgettext("cells", "Where"), _("In time"), _("Of those known"), _("Share"))
    return Section("duties", _("Notices sent in time"), header, _PART_FORMS, rows, _beyond_note())


_PART_FORMS = ("text", "text", "count", "count", "interval")


def _beyond(
    words: str, key: str, parts: Mapping[str, Mapping[str, Sequence[ShareFigure]]]
) -> list[tuple[Cell, ...]]:
    """The units that stand beyond the limits of chance, of every dimension."""
    rows: list[tuple[Cell, ...]] = []
    for by, found in parts.items():
        names = unit_names(by)
        for one in found.get(key, []):
            if one.share is None or one.word not in ("higher", "lower"):
                continue
            unit = names.get(one.unit, one.unit) or _("not known")
            named = f"{DIMENSIONS[by]}: {unit}"
            rows.append((words, named, one.share.count, one.share.of, one.share))
    return rows


def _beyond_note() -> str:
    return (
        _(
            "Areas, products, channels and partners are named only beyond the limits chance allows "
            "(99.8%%)."
        )
        % {}
    )
