"""The bulletin of a quarter, made from what the platform keeps, in the words of one language."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import polars as pl
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from amends.complaints.queries import SchemeView, carried_over, scheme
from amends.complaints.queries.analytics import escalated_to_regulator
from amends.complaints.queries.units import unit_names
from amends.indicators.bulletin_rates import few, rates_section, units_section
from amends.indicators.bulletin_units import BulletinQuarter, definitions_of, unit_sections
from amends.indicators.columns import at, columns, exposure
from amends.indicators.documents.cells import SIGN, shown
from amends.indicators.figures import PeriodReport, first_day, report
from amends.indicators.parts import used_by
from amends.indicators.record_keeping import kinds_section, record_keeping_section, types_section
from amends.indicators.rules.bulletin import (
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
from amends.indicators.rules.definitions import definitions
from amends.indicators.rules.rates import is_whole
from amends.indicators.rules.shares import indicators
from amends.kit.formats import format_count, format_date, is_chinese, local
from amends.stats.rates import rate, share

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
        made = _Maker(name, start, end, zone, local(now, zone).date(), language, is_public, brand)
        return made.bulletin(now)


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
                one
                for one in sections
                if one.rows and not (self.begins and self.begins >= self.end)
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
        found, lines = self.report, []
        total = found.measure.complaints
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
        if found.whole and not is_whole(found.whole, begins):
            lines.append(
                _("Records of complaints begin on %(day)s: earlier days are not counted.")
                % {"day": self._day(begins or self.start)}
            )
        if found.whole:
            lines.append(
                _("Per million users: %(rate)s (95%% interval %(low)s–%(high)s).")
                % {
                    name: shown(getattr(found.whole, name), "rate")
                    for name in ("rate", "low", "high")
                }
            )
        for earlier, change, words in (
            (found.before, found.change, _("the quarter before")),
            (found.year_before, found.year_change, _("the year before")),
        ):
            if earlier and self.is_public and 0 < earlier.count < K:
                # A change against it would give its count back.
                lines.append(
                    _("Against %(when)s: not published, for it had fewer than %(k)s complaints.")
                    % {"when": words, "k": K}
                )
            elif change and change.ratio.ratio not in (0.0, float("inf")):
                lines.append(
                    _("Against %(when)s: %(change)+.1f%%, %(word)s.")
                    % {
                        "when": words,
                        "change": (change.ratio.ratio - 1) * 100,
                        "word": _WORDS[change.word](),
                    }
                )
        if not found.is_over:
            lines.append(_("The quarter is not over: it is compared with none."))
        elif found.begins:
            lines.append(
                _("Records of complaints begin on %(day)s: an incomplete quarter is not compared.")
                % {"day": self._day(found.begins)}
            )
        elif found.year_before is None:
            lines.append(
                _("There are no records of complaints for the same quarter a year before.")
            )
        return lines

    def _quarter(self) -> BulletinQuarter:
        return BulletinQuarter(
            self.frame,
            self.start,
            self.end,
            self.zone,
            self.on,
            self.language,
            self.brand,
            self.report.currency,
        )

    def _areas(self) -> Section:
        """Area by class of the regulator's newest version, with the rate of each area."""
        names, users = (
            unit_names("area"),
            exposure("area", start=self.start, end=self.end, zone=self.zone, brand=self.brand),
        )
        place = self.classes.class_of
        counts = Counter(
            (area, place.get(code, REST)) for area, code in self.frame.select("area", "code").rows()
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
        kind_names = [self._two(self.classes.classes[one]) for one in kinds if one]
        return Section(
            "areas",
            _("Complaints by area and class"),
            (
                _("Area"),
                *kind_names,
                _("other"),
                _("Together"),
                _("Per million users"),
                _("Lowest"),
                _("Highest"),
                _("Few complaints"),
            ),
            ("text", *("count" for _kind in kinds), "count", "rate", "rate", "rate", "text"),
            body,
            _(
                "Classes as the regulator's bulletins of 2025 name them; lowest and highest: exact "
                "95%% interval. Few: fewer than ten complaints, read with care."
            )
            % {},
            sums=True,
        )

    def _rate(self, count: Cell, users: float) -> tuple[Cell, Cell, Cell]:
        if count is HIDDEN:
            return HIDDEN, HIDDEN, HIDDEN
        if not isinstance(count, int) or users <= 0:
            return None, None, None
        found = rate(count, users)
        return found.rate, found.low, found.high

    def _listed(self, dimension: str) -> Section:
        names = unit_names(dimension)
        counts = Counter(self.frame[dimension].to_list())
        titles = {"channel": _("Complaints by channel"), "brand": _("Complaints by brand")}
        heads = {"channel": _("Channel"), "brand": _("Brand")}
        words = [(one, names.get(one, one) or _("not known")) for one in sorted(counts)]
        return self._list(dimension, titles[dimension], heads[dimension], words, counts)

    def _months(self) -> Section:
        counts = Counter(self.frame["month"].to_list())
        words = [(month, self._month(month)) for month in sorted(counts)]
        return self._list("months", _("Complaints by month"), _("Month"), words, counts)

    def _month(self, month: date) -> str:
        return f"{month.year}年{month.month}月" if is_chinese(self.language) else f"{month:%b %Y}"

    def _list(
        self, ref: str, title: str, head: str, words: list[tuple[object, str]], counts: Counter
    ) -> Section:
        table = {(str(n), ""): counts[one] for n, (one, _name) in enumerate(words)}
        cells = crossed(table, [str(n) for n in range(len(words))], [""], is_public=self.is_public)
        whole = sum(counts.values())
        body: list[tuple[Cell, ...]] = [
            (name, line[0], self._share(line[0], whole))
            for (_one, name), line in zip(words, cells, strict=False)
        ]
        if cells:
            body.append((_("Total"), cells[-1][0], None))
        header = (head, _("Complaints"), _("Share"))
        return Section(ref, title, header, ("text", "count", "share"), body, sums=True)

    def _share(self, count: Cell, whole: int) -> Cell:
        if count is HIDDEN:
            return HIDDEN
        return count / whole if isinstance(count, int) and whole else None

    def _handling(self) -> Section:
        rows: list[tuple[Cell, ...]] = []
        # The channels are printed above: their sum must not come back through this one.
        shares = [
            one
            for one in indicators(self.on).values()
            if not self.is_public or one.id != "electronic"
        ]
        asked = [(one.count, one.of) for one in shares]
        counts = {
            name: getattr(self.report.measure, name)
            for name in {"complaints", *(name for pair in asked for name in pair)}
        }
        cells = printable(counts, asked, is_public=self.is_public)
        for one in shares:
            count, of = cells[one.count], cells[one.of]
            known = share(count, of) if isinstance(count, int) and isinstance(of, int) else None
            hidden = HIDDEN if HIDDEN in (count, of) else None
            ends = (known.share, known.low, known.high) if known else (hidden, hidden, hidden)
            rows.append((self._two((one.zh, one.en)), count, of, *ends))
        return Section(
            "handling",
            _("How they were handled"),
            (_("Indicator"), _("Counted"), _("Of"), _("Share"), _("Lowest"), _("Highest")),
            ("text", "count", "count", "share", "share", "share"),
            rows,
            _("Each is defined at the end; lowest and highest: exact 95%% interval.") % {},
        )

    def _versions(self) -> Section:
        """The same complaints in the classes of both versions, and what may be carried over."""
        rows: list[tuple[Cell, ...]] = []
        codes = Counter(self.frame["code"].to_list())
        for name, other in ((NEW, OLD), (OLD, NEW)):
            view, across, carried = scheme(name), scheme(other), carried_over(name, other)
            counts = Counter()
            for code, number in codes.items():
                counts[view.class_of.get(code, REST)] += number
            for one, words in view.classes.items():
                match = carried[one]
                said = self._two(across.classes[match]) if match else _("break: not comparable")
                rows.append((self._two((view.zh, view.en)), self._two(words), counts[one], said))
            rows.append((self._two((view.zh, view.en)), _("without a class"), counts[REST], None))
        header = (_("Version of classes"), _("Class"), _("Complaints"), _("In the other version"))
        note = _("A class is comparable only where both versions put the same complaints into it.")
        forms = ("text", "text", "count", "text")
        return Section("versions", _("Classes of both versions"), header, forms, rows, note)

    def _contacts(self) -> Section:
        found = used_by("channel", start=self.start, end=self.end, brand=self.brand, zone=self.zone)
        names = unit_names("channel")
        rows: list[tuple[Cell, ...]] = [
            (
                names.get(one.unit, one.unit) or _("not known"),
                one.complaint,
                one.enquiry,
                one.orders,
            )
            for one in found
        ]
        header = (_("Channel"), _("About complaints"), _("Enquiries"), _("Orders"))
        note = _("Contacts, not complaints: who calls three times about one matter counts thrice.")
        forms = ("text", "count", "count", "count")
        return Section("contacts", _("Use of channels"), header, forms, rows, note)

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
                (self._two((one.zh, one.en)), self._two((one.counts_zh, one.counts_en)))
                for one in indicators(self.on).values()
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

    def _two(self, words: tuple[str, str]) -> str:
        return words[0] if is_chinese(self.language) else words[1]


_WORDS = {
    "higher": lambda: _("higher than chance explains"),
    "lower": lambda: _("lower than chance explains"),
    "not_shown": lambda: _("not more than chance explains"),
}
