"""The bulletin of a quarter, made from the records, in the words of one language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

import polars as pl
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from amends.cases.audits.queries import coverage_of_duties, month_names
from amends.cases.complaints.queries import SchemeView, equivalent_classes, scheme
from amends.cases.complaints.queries.analytics import escalated_to_regulator
from amends.cases.complaints.queries.corrections import overrules
from amends.cases.complaints.texts.rules import rule_words
from amends.cases.complaints.texts.units import DIMENSIONS, unit_names
from amends.channels.queries.capabilities import electronic
from amends.engines.stats.rates import (
    FEWEST_USERS,
    UNITS,
    PopulationRate,
    convert,
    population_rate,
    share,
)
from amends.platform.kit.formats import format_count, format_date, is_chinese, local
from amends.platform.kit.money import Money
from amends.problems.indicators.queries.columns import at, columns, exposure, in_classes_of
from amends.problems.indicators.queries.figures import PeriodReport, first_day, report
from amends.problems.indicators.queries.parts import OF_DUTIES, duty_parts, overruled_parts, used_by
from amends.problems.indicators.queries.record_keeping import TYPES, records
from amends.problems.indicators.rules.bulletin import (
    HIDDEN,
    Bulletin,
    Cell,
    K,
    Section,
    UnableToReadQuarter,
    crossed,
    printable,
    quarter_before,
    quarter_days,
)
from amends.problems.indicators.rules.definitions import definitions
from amends.problems.indicators.rules.measures import (
    days_taken,
    days_to_solve,
    measures,
)
from amends.problems.indicators.rules.rates import SMALL, RateChange, RateFigure, is_whole
from amends.problems.indicators.rules.shares import ShareFigure, ShareIndicator, indicators
from amends.problems.indicators.texts.documents.cells import SIGN, shown
from amends.problems.indicators.texts.units import unit_words
from amends.record.catalogue.queries import offer_kinds


def rates_section(period_report: PeriodReport) -> Section:
    """The rate of the quarter as figures, and of those it is compared with."""
    compared = (
        (_("this quarter"), period_report.whole, None),
        (_("the quarter before"), period_report.before, period_report.change),
        (_("the year before"), period_report.year_before, period_report.year_change),
    )
    rows = [
        _compared(label, rate_figure, change)
        for label, rate_figure, change in compared
        if rate_figure
    ]
    header = (
        _("Period"),
        _("Complaints"),
        _("Users"),
        _("Per million users"),
        _("Lowest"),
        _("Highest"),
        _("Ratio to it"),
        _("Ratio, lowest"),
        _("Ratio, highest"),
        _("Few complaints"),
    )
    forms = ("text", "count", "count", "rate", "rate", "rate", "ratio", "ratio", "ratio", "text")
    note = _("Ratio of this quarter's rate to that one, with its exact 95%% interval.") % {}
    note = f"{note} {small_population_note()}"
    return Section(
        id="rate", title=_("The complaint rate"), header=header, forms=forms, rows=rows, note=note
    )


def _compared(label: str, rate_figure: RateFigure, change: RateChange | None) -> tuple[Cell, ...]:
    ratio: tuple[Cell, ...] = (None, None, None)
    if change and change.ratio.ratio not in (0.0, float("inf")):
        ratio = (change.ratio.ratio, change.ratio.low, change.ratio.high)
    published = rate_figure.published
    ends = (published.rate, published.low, published.high)
    return (
        label,
        rate_figure.count,
        round(rate_figure.users),
        *ends,
        *ratio,
        few(rate_figure.count),
    )


def few(count: Cell) -> Cell:
    """A mark where a rate rests on few complaints; it does not reveal a hidden count."""
    if count is HIDDEN:
        return HIDDEN
    return _("few") if isinstance(count, int) and count < SMALL else None


def small_population_note() -> str:
    """The reason of a missing rate, and the meaning of its interval."""
    return _(
        "Of fewer than %(users)s users no rate is published: lowest and highest are then the exact "
        "95%% interval of the count."
    ) % {"users": f"{FEWEST_USERS:,}"}


def units_section(period_report: PeriodReport) -> Section:
    """The rate in the unit of each regulator; empty of a small population, which has no rate."""
    whole_rate = period_report.whole
    if whole_rate is None or whole_rate.published.rate is None:
        return Section(id="units", title="", header=(), forms=(), rows=[])
    names = unit_words()
    rows: list[tuple[Cell, ...]] = [(names[unit], *whole_rate.in_unit(unit)) for unit in UNITS]
    header = (_("Unit"), _("Rate"), _("Lowest"), _("Highest"))
    note = _("Units convert; what regulators count does not: never compare without saying so.")
    forms = ("text", "rate", "rate", "rate")
    return Section(
        id="units",
        title=_("The rate in other units"),
        header=header,
        forms=forms,
        rows=rows,
        note=note,
    )


# What the regulator's version of the bulletin says of each area, product, channel and partner.


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

    def two(self, texts: tuple[str, str]) -> str:
        """The words of the reader's language, of a pair in Chinese and English."""
        return texts[0] if is_chinese(self.language) else texts[1]


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


def unit_sections(
    bulletin_quarter: BulletinQuarter, indicators: Sequence[ShareIndicator]
) -> list[Section]:
    """Shares, time and money by each dimension; contacts and orders; rules set aside; duties."""
    handled = [_handled_by(by, bulletin_quarter, indicators) for by in BY]
    return [
        *handled,
        _used(bulletin_quarter),
        _overruled(bulletin_quarter),
        _duties(bulletin_quarter),
    ]


def _handled_by(
    by: str, bulletin_quarter: BulletinQuarter, indicators: Sequence[ShareIndicator]
) -> Section:
    names, days_by_unit = unit_names(by), days_taken(bulletin_quarter.frame, by)
    shares = [
        indicator for indicator in indicators if (indicator.id, by) != ("electronic", "channel")
    ]
    rows: list[tuple[Cell, ...]] = []
    for measure in measures(bulletin_quarter.frame, by, electronic=electronic()):
        days = days_to_solve(days_by_unit.get(measure.unit, {}), measure.complaints)
        money = [
            Money(minor, bulletin_quarter.currency) if bulletin_quarter.currency else None
            for minor in (measure.refunded_minor, measure.paid_minor)
        ]
        rows.append(
            (
                names.get(measure.unit, measure.unit) or _("not known"),
                measure.complaints,
                *(each.of_measure(measure) for each in shares),
                measure.mean_days,
                days,
                *money,
            )
        )
    heads = [bulletin_quarter.two((indicator.zh, indicator.en)) for indicator in shares]
    header = (
        str(DIMENSIONS[by]),
        _("Complaints"),
        *heads,
        _("Mean days"),
        _("Days to solve 80%%") % {},
        *money_heads(),
    )
    forms = ("text", "count", *("interval" for _head in heads), "days", "count", "money", "money")
    note = _("Shares with their exact 95%% interval; in order of names: nobody is ranked.") % {}
    if not bulletin_quarter.currency:
        note += " " + _("Money was granted in several currencies: it is not added up.")
    title = _("How they were handled, by %(dimension)s") % {"dimension": DIMENSIONS[by]}
    return Section(
        id=f"by-{by}", title=title, header=header, forms=forms, rows=_by_name(rows), note=note
    )


def _by_name(rows: list[tuple[Cell, ...]]) -> list[tuple[Cell, ...]]:
    return sorted(rows, key=lambda row: str(row[0]))


def _used(bulletin_quarter: BulletinQuarter) -> Section:
    """Contacts and orders by what has no table of its own above."""
    rows: list[tuple[Cell, ...]] = []
    for by in (dimension for dimension in BY if dimension != "channel"):
        names = unit_names(by)
        usage_rows = used_by(
            by,
            start=bulletin_quarter.start,
            end=bulletin_quarter.end,
            brand=bulletin_quarter.brand,
            zone=bulletin_quarter.zone,
        )
        rows += [
            (
                str(DIMENSIONS[by]),
                names.get(usage.unit, usage.unit) or _("not known"),
                usage.complaint,
                usage.enquiry,
                usage.orders,
            )
            for usage in usage_rows
        ]
    header = (_("Dimension"), _("Unit"), _("About complaints"), _("Enquiries"), _("Orders"))
    note = _("Contacts, not complaints: who calls three times about one matter counts thrice.")
    forms = ("text", "text", "count", "count", "count")
    return Section(
        id="used", title=_("Contacts and orders"), header=header, forms=forms, rows=rows, note=note
    )


def _overruled(bulletin_quarter: BulletinQuarter) -> Section:
    moment = at(settings.TIME_ZONE)
    rules = overrules(
        since=moment(bulletin_quarter.start),
        until=moment(bulletin_quarter.end),
        brand=bulletin_quarter.brand,
    )
    where: dict[str, Any] = {
        "start": bulletin_quarter.start,
        "end": bulletin_quarter.end,
        "brand": bulletin_quarter.brand,
    }
    parts = {by: overruled_parts(by, **where) for by in BY}
    rows: list[tuple[Cell, ...]] = []
    for rule in rules:
        title = rule_words(rule.rule).title
        whole_share = share(min(rule.overruled, rule.decided), rule.decided)
        rows.append((title, _("everything"), rule.overruled, rule.decided, whole_share))
        rows += _beyond(title, rule.rule, parts)
    header = (_("Rule"), pgettext("cells", "Where"), _("Overruled"), _("Verdicts"), _("Share"))
    return Section(
        id="overruled",
        title=_("Rules overruled by people"),
        header=header,
        forms=_PART_FORMS,
        rows=rows,
        note=_beyond_note(),
    )


def _duties(bulletin_quarter: BulletinQuarter) -> Section:
    duty_coverages = coverage_of_duties(
        month_names(bulletin_quarter.start, bulletin_quarter.end),
        on=bulletin_quarter.on,
        brand=bulletin_quarter.brand,
        jurisdiction=settings.JURISDICTION,
    )
    where: dict[str, Any] = {
        "start": bulletin_quarter.start,
        "end": bulletin_quarter.end,
        "brand": bulletin_quarter.brand,
    }
    parts = {by: duty_parts(by, **where) for by in BY if by in OF_DUTIES}
    rows: list[tuple[Cell, ...]] = []
    for duty_coverage in duty_coverages:
        title = bulletin_quarter.two((duty_coverage.title_zh, duty_coverage.title_en))
        whole_share = share(duty_coverage.total.in_time, duty_coverage.total.known)
        rows.append(
            (
                title,
                _("everything"),
                duty_coverage.total.in_time,
                duty_coverage.total.known,
                whole_share,
            )
        )
        rows += _beyond(title, duty_coverage.duty, parts)
    header = (_("Duty"), pgettext("cells", "Where"), _("In time"), _("Of those known"), _("Share"))
    return Section(
        id="duties",
        title=_("Notices sent in time"),
        header=header,
        forms=_PART_FORMS,
        rows=rows,
        note=_beyond_note(),
    )


_PART_FORMS = ("text", "text", "count", "count", "interval")


def _beyond(
    title: str, key: str, parts: Mapping[str, Mapping[str, Sequence[ShareFigure]]]
) -> list[tuple[Cell, ...]]:
    """The units that stand beyond the limits of chance, of every dimension."""
    rows: list[tuple[Cell, ...]] = []
    for by, figures_by_key in parts.items():
        names = unit_names(by)
        for share_figure in figures_by_key.get(key, []):
            if share_figure.share is None or share_figure.word not in ("higher", "lower"):
                continue
            unit = names.get(share_figure.unit, share_figure.unit) or _("not known")
            named = f"{DIMENSIONS[by]}: {unit}"
            rows.append(
                (title, named, share_figure.share.count, share_figure.share.of, share_figure.share)
            )
    return rows


def _beyond_note() -> str:
    return (
        _(
            "Areas, products, channels and partners are named only beyond the limits chance allows "
            "(99.8%%)."
        )
        % {}
    )


def record_keeping_section(
    frame: pl.DataFrame,
    *,
    start: date,
    end: date,
    zone: str,
    brand: str,
    referrals: Mapping[str, int],
) -> Section:
    """The record as a table of the bulletin.

    referrals  product → complaints passed on to the regulator's body in the quarter
    """
    names, kind_labels = unit_names(TYPES), kind_names()
    passed = Counter({"": sum(referrals.values())})
    offers = offer_kinds()
    for product, number in referrals.items():
        if kind := offers.get(product, ("", ""))[0]:
            passed[kind] += number
    rows: list[tuple[Cell, ...]] = []
    for record in records(frame, start=start, end=end, zone=zone, brand=brand):
        top = "; ".join(f"{names.get(code, code)} {number}" for code, number in record.top)
        rows.append(
            (
                kind_labels.get(record.kind, record.kind),
                round(record.services),
                record.complaints,
                record.rate.rate if record.rate else None,
                record.mean_days,
                record.days_80,
                passed[record.kind],
                top,
            )
        )
    return Section(
        id="records",
        title=_("Record-keeping fields (form of the Australian rules)"),
        header=(
            _("Kind of service"),
            _("Services in operation"),
            _("Complaints"),
            _("Per 10,000 services"),
            _("Mean days"),
            _("Days to solve 80%%") % {},
            _("Passed on"),
            _("Three most frequent"),
        ),
        forms=("text", "count", "count", "rate", "days", "count", "count", "text"),
        rows=rows,
        note=_(
            "Complaints about no service of a known kind stand in the last row alone. Passed on: "
            "to the regulator's body, in the quarter, whenever they came."
        ),
    )


def kinds_section(frame: pl.DataFrame, *, start: date, end: date, zone: str, brand: str) -> Section:
    """The rate of each kind of service in the unit of each regulator, with its interval."""
    kind_labels = kind_names()
    rows: list[tuple[Cell, ...]] = []
    for record in records(frame, start=start, end=end, zone=zone, brand=brand):
        if record.rate is None:
            continue
        rows.append(
            (
                kind_labels.get(record.kind, record.kind),
                round(record.services),
                record.complaints,
                *_in_units(record.rate),
                few(record.complaints),
            )
        )
    units = unit_words()
    header = (
        _("Kind of service"),
        _("Services in operation"),
        _("Complaints"),
        _("Per million services"),
        _("Lowest"),
        _("Highest"),
        *(units[unit] for unit in list(UNITS)[1:]),
        _("Few complaints"),
    )
    note = _("Units convert; what regulators count does not: never compare without saying so.")
    note = f"{note} {small_population_note()}"
    forms = ("text", "count", "count", "rate", "rate", "rate", "rate", "rate", "text")
    return Section(
        id="kinds",
        title=_("The rate by kind of service"),
        header=header,
        forms=forms,
        rows=rows,
        note=note,
    )


def _in_units(published: PopulationRate) -> tuple[Cell, ...]:
    """Per million with its interval, then the rate in each other unit; without a rate the
    interval of the count."""
    if published.rate is None:
        return (None, published.low, published.high, *(None for _unit in list(UNITS)[1:]))
    ends = (published.rate, published.low, published.high)
    in_units = [[convert(end, unit="per_10_000", to=unit) for end in ends] for unit in UNITS]
    per_million, *further_units = in_units
    return (*per_million, *(further_unit[0] for further_unit in further_units))


def types_section(frame: pl.DataFrame) -> Section:
    """Complaints by type and kind of service, with their sums."""
    names, kind_labels = unit_names(TYPES), kind_names()
    counts = Counter(in_classes_of(TYPES, frame).select(TYPES, "kind").rows())
    kinds = [*sorted({kind for _code, kind in counts if kind}), ""]
    rows: list[tuple[Cell, ...]] = []
    sums: Counter[str] = Counter()
    for code in sorted({code for code, _kind in counts}):
        line = {kind: counts[code, kind] for kind in kinds}
        sums.update(line)
        rows.append((names.get(code, code) or _("other"), *line.values(), sum(line.values())))
    if rows:
        rows.append((_("Total"), *(sums[kind] for kind in kinds), sums.total()))
    header = (
        _("Type"),
        *(kind_labels.get(kind, kind) for kind in kinds[:-1]),
        _("no service of a known kind"),
        _("Together"),
    )
    forms = ("text", *("count" for _kind in kinds), "count")
    title = _("Complaints by type and kind of service")
    return Section(id="record-types", title=title, header=header, forms=forms, rows=rows, sums=True)


def kind_names() -> dict[str, str]:
    """Kinds of service in words."""
    return {
        "": _("all services"),
        "mobile_plan": _("mobile"),
        "broadband": _("fixed broadband"),
        "landline": _("fixed telephone"),
        "value_added": _("value-added services"),
    }


# The bulletin of a quarter, made from what the platform keeps, in the words of one language.


NEW, OLD = "cn-2025", "cn-2012"
"""The regulator's classes of today, and those its older bulletins count by."""
REST = ""


def bulletin(
    quarter: str, *, zone: str, now: datetime, language: str, is_public: bool, brand: str = ""
) -> Bulletin:
    """The bulletin of a quarter such as 2026Q3.

    is_public  small cells are hidden, with what would give them back
    """
    # A refusal is for who asks, in their language; what follows is in that of the bulletin.
    name, start, end = quarter_days(quarter)
    if start > local(now, zone).date():
        raise UnableToReadQuarter(
            gettext_noop("The quarter has not begun."),
            next_step=gettext_noop("Choose one that has begun: nothing is known of it yet."),
        )
    with translation.override(language):
        maker = _Maker(
            quarter=name,
            start=start,
            end=end,
            zone=zone,
            on=local(now, zone).date(),
            language=language,
            is_public=is_public,
            brand=brand,
        )
        return maker.bulletin(now)


@dataclass
class _Maker:
    quarter: str
    start: date
    end: date
    zone: str
    on: date
    language: str
    is_public: bool
    brand: str

    @cached_property
    def frame(self) -> pl.DataFrame:
        return columns(start=self.start, end=self.end, zone=self.zone, brand=self.brand)

    @cached_property
    def report(self) -> PeriodReport:
        return report(
            start=self.start,
            end=self.end,
            by="area",
            zone=self.zone,
            on=self.on,
            brand=self.brand,
            # The quarter before as its own bulletin counts it: one day more or less of it would be
            # had back by subtracting the two.
            since=quarter_days(quarter_before(self.start))[1],
        )

    @cached_property
    def begins(self) -> date | None:
        """The first day of which complaints are kept."""
        return first_day(self.zone)

    @cached_property
    def classes(self) -> SchemeView:
        return scheme(NEW)

    def bulletin(self, now: datetime) -> Bulletin:
        first, last = self._day(self.start), self._day(date.fromordinal(self.end.toordinal() - 1))
        sections = [self._areas(), self._listed("channel"), self._months(), self._handling()]
        if not self.is_public:
            sections.insert(0, rates_section(self.report))
            sections += [
                self._listed("brand"),
                self._versions(),
                self._contacts(),
                units_section(self.report),
                kinds_section(
                    self.frame, start=self.start, end=self.end, zone=self.zone, brand=self.brand
                ),
                *unit_sections(self._quarter(), list(indicators(self.on).values())),
                record_keeping_section(
                    self.frame,
                    start=self.start,
                    end=self.end,
                    zone=self.zone,
                    brand=self.brand,
                    referrals=self._referrals(),
                ),
                types_section(self.frame),
            ]
        return Bulletin(
            quarter=self.quarter,
            language=self.language,
            is_public=self.is_public,
            title=_("Complaints and how they were handled, %(quarter)s")
            % {"quarter": self._name()},
            subtitle=_("%(first)s to %(last)s; made on %(day)s")
            % {"first": first, "last": last, "day": self._day(self.on)},
            lead=self._lead(),
            # Of days of which nothing is kept, a table of noughts would say that nobody complained.
            sections=[
                section
                for section in sections
                if section.rows and not (self.begins and self.begins >= self.end)
            ],
            definitions=self._definitions(),
            notes=self._notes(),
        )

    def _day(self, day: date) -> str:
        return format_date(day, self.language)

    def _name(self) -> str:
        year, quarter = self.quarter.split("-Q")
        return _("quarter %(quarter)s of %(year)s") % {"quarter": quarter, "year": year}

    def _lead(self) -> list[str]:
        period_report, lines = self.report, []
        total = period_report.measure.complaints
        if self.is_public and 0 < total < K:
            return [_("Fewer than %(k)s complaints were received.") % {"k": K}]
        begins = self.begins
        if begins and begins >= self.end:
            return [
                _("There are no records of complaints for this quarter: records begin on %(day)s.")
                % {"day": self._day(begins)}
            ]
        lines.append(
            _("Complaints received: %(count)s.") % {"count": format_count(total, self.language)}
        )
        if period_report.whole and not is_whole(period_report.whole, begins):
            lines.append(
                _("Records of complaints begin on %(day)s: earlier days are not counted.")
                % {"day": self._day(begins or self.start)}
            )
        if period_report.whole:
            lines.append(self._rate_sentence(period_report.whole.published))
        for earlier, change, period_text in (
            (period_report.before, period_report.change, _("the quarter before")),
            (period_report.year_before, period_report.year_change, _("the year before")),
        ):
            if earlier and self.is_public and 0 < earlier.count < K:
                # A change against it would give its count back.
                lines.append(
                    _("Against %(when)s: not published, for it had fewer than %(k)s complaints.")
                    % {"when": period_text, "k": K}
                )
            elif change and change.ratio.ratio not in (0.0, float("inf")):
                lines.append(
                    _("Against %(when)s: %(change)+.1f%%, %(word)s.")
                    % {
                        "when": period_text,
                        "change": (change.ratio.ratio - 1) * 100,
                        "word": _WORDS[change.word](),
                    }
                )
        if not period_report.is_over:
            lines.append(_("The quarter is not over: it is compared with none."))
        elif period_report.begins:
            lines.append(
                _("Records of complaints begin on %(day)s: an incomplete quarter is not compared.")
                % {"day": self._day(period_report.begins)}
            )
        elif period_report.year_before is None:
            lines.append(
                _("There are no records of complaints for the same quarter a year before.")
            )
        return lines

    def _rate_sentence(self, published: PopulationRate) -> str:
        if published.rate is None:
            return _(
                "Of %(users)s users: 95%% interval of the count %(low)s–%(high)s; fewer than "
                "%(fewest)s users have no rate."
            ) % {
                "users": format_count(round(published.users), self.language),
                "low": shown(published.low, "rate"),
                "high": shown(published.high, "rate"),
                "fewest": f"{FEWEST_USERS:,}",
            }
        return _("Per million users: %(rate)s (95%% interval %(low)s–%(high)s).") % {
            name: shown(getattr(published, name), "rate") for name in ("rate", "low", "high")
        }

    def _quarter(self) -> BulletinQuarter:
        return BulletinQuarter(
            frame=self.frame,
            start=self.start,
            end=self.end,
            zone=self.zone,
            on=self.on,
            language=self.language,
            brand=self.brand,
            currency=self.report.currency,
        )

    def _areas(self) -> Section:
        """Area by class of the regulator's newest version, with the rate of each area."""
        names, users = (
            unit_names("area"),
            exposure("area", start=self.start, end=self.end, zone=self.zone, brand=self.brand),
        )
        class_by_code = self.classes.class_of
        counts = Counter(
            (area, class_by_code.get(code, REST))
            for area, code in self.frame.select("area", "code").rows()
        )
        rows = sorted({area for area, _ in counts} | {area for area in users if area})
        kinds = [*self.classes.classes, REST]
        cells = crossed(counts, rows, kinds, is_public=self.is_public)
        body: list[tuple[Cell, ...]] = []
        for area, line in zip(rows, cells, strict=False):
            body.append(
                (
                    names.get(area, area) or _("not known"),
                    *line,
                    *self._rate(line[-1], users.get(area, 0.0)),
                    few(line[-1]),
                )
            )
        if cells:
            total = cells[-1][-1]
            rated = (*self._rate(total, self.report.users), few(total))
            body.append((_("Total"), *cells[-1], *rated))
        kind_names = [self._two(self.classes.classes[kind]) for kind in kinds if kind]
        return Section(
            id="areas",
            title=_("Complaints by area and class"),
            header=(
                _("Area"),
                *kind_names,
                _("other"),
                _("Together"),
                _("Per million users"),
                _("Lowest"),
                _("Highest"),
                _("Few complaints"),
            ),
            forms=("text", *("count" for _kind in kinds), "count", "rate", "rate", "rate", "text"),
            rows=body,
            note=_(
                "Classes as the regulator's bulletins of 2025 name them; lowest and highest: exact "
                "95%% interval. Few: fewer than ten complaints, read with care."
            )
            % {}
            + " "
            + small_population_note(),
            sums=True,
        )

    def _rate(self, count: Cell, users: float) -> tuple[Cell, Cell, Cell]:
        if count is HIDDEN:
            return HIDDEN, HIDDEN, HIDDEN
        if not isinstance(count, int) or users <= 0:
            return None, None, None
        published = population_rate(count, users)
        return published.rate, published.low, published.high

    def _listed(self, dimension: str) -> Section:
        names = unit_names(dimension)
        counts = Counter(self.frame[dimension].to_list())
        titles = {"channel": _("Complaints by channel"), "brand": _("Complaints by brand")}
        heads = {"channel": _("Channel"), "brand": _("Brand")}
        labelled_keys = [
            (count, names.get(count, count) or _("not known")) for count in sorted(counts)
        ]
        return self._list(dimension, titles[dimension], heads[dimension], labelled_keys, counts)

    def _months(self) -> Section:
        counts = Counter(self.frame["month"].to_list())
        labelled_keys = [(month, self._month(month)) for month in sorted(counts)]
        return self._list("months", _("Complaints by month"), _("Month"), labelled_keys, counts)

    def _month(self, month: date) -> str:
        return f"{month.year}年{month.month}月" if is_chinese(self.language) else f"{month:%b %Y}"

    def _list(
        self,
        ref: str,
        title: str,
        head: str,
        labelled_keys: list[tuple[object, str]],
        counts: Counter[Any],
    ) -> Section:
        table = {
            (str(n), ""): counts[count_key] for n, (count_key, _name) in enumerate(labelled_keys)
        }
        cells = crossed(
            table, [str(n) for n in range(len(labelled_keys))], [""], is_public=self.is_public
        )
        total = sum(counts.values())
        body: list[tuple[Cell, ...]] = [
            (name, line[0], self._share(line[0], total))
            for (_key, name), line in zip(labelled_keys, cells, strict=False)
        ]
        if cells:
            body.append((_("Total"), cells[-1][0], None))
        header = (head, _("Complaints"), _("Share"))
        return Section(
            id=ref,
            title=title,
            header=header,
            forms=("text", "count", "share"),
            rows=body,
            sums=True,
        )

    def _share(self, count: Cell, total: int) -> Cell:
        if count is HIDDEN:
            return HIDDEN
        return count / total if isinstance(count, int) and total else None

    def _handling(self) -> Section:
        rows: list[tuple[Cell, ...]] = []
        # The channels are printed above: their sum must not come back through this one.
        shares = [
            indicator
            for indicator in indicators(self.on).values()
            if not self.is_public or indicator.id != "electronic"
        ]
        count_pairs = [(share_indicator.count, share_indicator.of) for share_indicator in shares]
        counts = {
            name: getattr(self.report.measure, name)
            for name in {"complaints", *(name for pair in count_pairs for name in pair)}
        }
        cells = printable(counts, count_pairs, is_public=self.is_public)
        for share_indicator in shares:
            count, of = cells[share_indicator.count], cells[share_indicator.of]
            measured_share = (
                share(count, of) if isinstance(count, int) and isinstance(of, int) else None
            )
            hidden = HIDDEN if HIDDEN in (count, of) else None
            ends = (
                (measured_share.share, measured_share.low, measured_share.high)
                if measured_share
                else (hidden, hidden, hidden)
            )
            rows.append((self._two((share_indicator.zh, share_indicator.en)), count, of, *ends))
        return Section(
            id="handling",
            title=_("How they were handled"),
            header=(_("Indicator"), _("Counted"), _("Of"), _("Share"), _("Lowest"), _("Highest")),
            forms=("text", "count", "count", "share", "share", "share"),
            rows=rows,
            note=_("Each is defined at the end; lowest and highest: exact 95%% interval.") % {},
        )

    def _versions(self) -> Section:
        """The same complaints in the classes of both versions, and what may be carried over."""
        rows: list[tuple[Cell, ...]] = []
        codes = Counter(self.frame["code"].to_list())
        for name, other_scheme in ((NEW, OLD), (OLD, NEW)):
            view, across, carried = (
                scheme(name),
                scheme(other_scheme),
                equivalent_classes(name, other_scheme),
            )
            counts: Counter[Any] = Counter()
            for code, number in codes.items():
                counts[view.class_of.get(code, REST)] += number
            for class_code, class_texts in view.classes.items():
                match = carried[class_code]
                match_text = (
                    self._two(across.classes[match]) if match else _("break: not comparable")
                )
                rows.append(
                    (
                        self._two((view.zh, view.en)),
                        self._two(class_texts),
                        counts[class_code],
                        match_text,
                    )
                )
            rows.append((self._two((view.zh, view.en)), _("without a class"), counts[REST], None))
        header = (_("Version of classes"), _("Class"), _("Complaints"), _("In the other version"))
        note = _("A class is comparable only where both versions put the same complaints into it.")
        forms = ("text", "text", "count", "text")
        return Section(
            id="versions",
            title=_("Classes of both versions"),
            header=header,
            forms=forms,
            rows=rows,
            note=note,
        )

    def _contacts(self) -> Section:
        usage_rows = used_by(
            "channel", start=self.start, end=self.end, brand=self.brand, zone=self.zone
        )
        names = unit_names("channel")
        rows: list[tuple[Cell, ...]] = [
            (
                names.get(usage.unit, usage.unit) or _("not known"),
                usage.complaint,
                usage.enquiry,
                usage.orders,
            )
            for usage in usage_rows
        ]
        header = (_("Channel"), _("About complaints"), _("Enquiries"), _("Orders"))
        note = _("Contacts, not complaints: who calls three times about one matter counts thrice.")
        forms = ("text", "count", "count", "count")
        return Section(
            id="contacts",
            title=_("Use of channels"),
            header=header,
            forms=forms,
            rows=rows,
            note=note,
        )

    def _referrals(self) -> dict[str, int]:
        moment = at(self.zone)
        return escalated_to_regulator(
            start=moment(self.start), end=moment(self.end), brand=self.brand
        )

    def _definitions(self) -> list[tuple[str, str]]:
        rule = definitions(self.on)["operator"]
        counts = self._two((rule.counts_zh, rule.counts_en))
        users = self._two((rule.users_zh, rule.users_en))
        return [
            (_("Complaints"), counts),
            (_("Users"), users),
            (_("Version of classes"), self.report.classes),
            (
                _("Interval"),
                _("exact Poisson interval (Garwood 1936); of shares, Clopper and Pearson (1934)"),
            ),
            *(
                (
                    self._two((indicator.zh, indicator.en)),
                    self._two((indicator.counts_zh, indicator.counts_en)),
                )
                for indicator in indicators(self.on).values()
            ),
            *([] if self.is_public else definitions_of()),
        ]

    def _notes(self) -> list[str]:
        if not self.is_public:
            return []
        return [
            _(
                "Counts from 1 to %(most)s are not published (shown as %(sign)s), nor what would "
                "give them back by subtraction."
            )
            % {"most": K - 1, "sign": SIGN}
        ]

    def _two(self, texts: tuple[str, str]) -> str:
        return texts[0] if is_chinese(self.language) else texts[1]


_WORDS = {
    "higher": lambda: _("higher than chance explains"),
    "lower": lambda: _("lower than chance explains"),
    "not_shown": lambda: _("not more than chance explains"),
}
