"""What the operator must notify, when, to whom and how: the duties of a pack, read from dated data.

A duty lies in `data/duties-<pack>@YYYY-MM-DD.toml`. Every percentage, sum and term is data
there. A step may carry its own `source` and `verified`: where a rule says "near the limit" and
names no number, the duty is read in the rule and the number is the operator's own.

A provincial file overlays its national one: a duty that says `replaces = "cn.abnormal"` is
in that duty's place, with the stricter figures of the two (`rules/stricter.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from amends.engines.duties.duty import (
    ACTIONS,
    COUNTERS,
    EVENTS,
    EXEMPT,
    MET_BY,
    OF_A_COUNTRY,
    ON_FAILURE,
    PERIODS,
    PHASES,
    STEP_KINDS,
    USAGE,
    Duty,
    DutyStep,
    LeadTime,
)
from amends.engines.duties.quiet_hours import QuietHours
from amends.engines.duties.reading import RuleEntry, UnableToReadDuties
from amends.engines.duties.regions import Region, like_home, regions_on
from amends.engines.duties.stricter import stricter
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.packs import RuleFile, pack, rules_in_force

__all__ = ["DutyBook", "UnableToReadDuties", "book", "read_duties"]


@dataclass(frozen=True, slots=True)
class DutyBook:
    """All duties of a place on a day, with its quiet hours and languages.

    replaced   duty → the national duty it replaces
    like_home  countries where use counts against the allowances of home
    """

    jurisdiction: str
    on: date
    versions: tuple[str, ...]
    duties: tuple[Duty, ...]
    quiet: QuietHours | None
    currency: str
    zone: str
    replaced: tuple[tuple[str, Duty], ...] = ()
    like_home: tuple[str, ...] = ()

    def find(self, duty_id: str) -> Duty | None:
        """A duty by its id."""
        return next((duty for duty in self.duties if duty.id == duty_id), None)

    def national_duty_of(self, duty_id: str) -> Duty | None:
        """The national duty in whose place a provincial one holds; None where there is none."""
        return next((national for own, national in self.replaced if own == duty_id), None)

    def on_trigger(self, triggers: Iterable[str]) -> tuple[Duty, ...]:
        """The duties that one of `triggers` pulls."""
        wanted = set(triggers)
        return tuple(duty for duty in self.duties if duty.trigger in wanted)


@lru_cache(maxsize=1024)
def book(jurisdiction: str, on: date) -> DutyBook:
    """The duties of `jurisdiction` (`cn`, `cn-41`, `eu`, …) on the day `on`.

    Empty where the pack lists no duties in force that day.

    >>> [step.value for step in book("cn", date(2015, 5, 1)).find("cn.abnormal").steps]
    [5]
    """
    pack_of_place = pack(jurisdiction, on)
    files = rules_in_force(jurisdiction, "duties", "duties", on)
    duties_by_id: dict[str, Duty] = {}
    replaced: dict[str, Duty] = {}
    quiet: QuietHours | None = None
    for file in files:
        for duty in _cached_duties(file):
            national = duties_by_id.pop(duty.replaces, None)
            if national is not None:
                replaced[duty.id] = national
            duties_by_id[duty.id] = stricter(duty, national) if national is not None else duty
        quiet = _quiet(file) or quiet
    regions = regions_on(on)
    placed = tuple(_placed(duty, regions) for duty in duties_by_id.values())
    named = {regions[duty.region].rules: None for duty in placed if duty.region}
    return DutyBook(
        jurisdiction=jurisdiction,
        on=on,
        versions=(*(file.version for file in files), *named),
        duties=placed,
        quiet=quiet,
        currency=pack_of_place.currency,
        zone=pack_of_place.zone,
        replaced=tuple(replaced.items()),
        like_home=like_home(jurisdiction, on),
    )


def _placed(duty: Duty, regions: Mapping[str, Region]) -> Duty:
    """With the countries of its region as they are that day."""
    if not duty.region:
        return duty
    if duty.region not in regions:
        raise UnableToReadDuties(
            _("duty %(duty)s: there is no region “%(region)s” on that day."),
            meaning=_("Where the duty holds is not known, so the file is not used."),
            next_step=_("Correct the name, or add a dated file of regions."),
            where=duty.rules,
            values={"duty": duty.id, "region": duty.region},
        )
    return replace(duty, countries=regions[duty.region].countries)


def read_duties(file: RuleFile) -> tuple[Duty, ...]:
    """The duties of one rule file; UnableToReadDuties names the entry that cannot be used."""
    return tuple(_duty(row, file) for row in file.data.get("duties", []))


@lru_cache(maxsize=128)
def _cached_duties(file: RuleFile) -> tuple[Duty, ...]:
    """Those of a file that many days share; it is known by its version and its digest."""
    return read_duties(file)


def _quiet(file: RuleFile) -> QuietHours | None:
    table = file.data.get("quiet")
    if table is None:
        return None
    entry = RuleEntry(table, "[quiet]", file.version)
    start, end = entry.clock("from"), entry.clock("to")
    if start == end:
        raise entry.refused(
            _("from and to are the same hour."), _("State two hours, or leave it out.")
        )
    return QuietHours(
        start=start,
        end=end,
        zh=entry.text("zh"),
        en=entry.text("en"),
        source=entry.text("source"),
        verified=entry.verified(),
    )


def _duty(row: Mapping[str, Any], file: RuleFile) -> Duty:
    entry = RuleEntry(row, f"duty {row.get('id', '?')}", file.version)
    entry.only(_DUTY_KEYS)
    trigger = entry.one_of("trigger", (*USAGE, *EVENTS))
    met_by = entry.one_of("met_by", MET_BY, default="notice")
    duty = Duty(
        id=entry.text("id"),
        version=row["since"].isoformat(),
        rules=f"{file.name}@{row['since'].isoformat()}",
        phase=entry.one_of("phase", PHASES),
        trigger=trigger,
        who=entry.text("who", default="operator"),
        title_zh=entry.text("title_zh"),
        title_en=entry.text("title_en"),
        zh=entry.text("zh"),
        en=entry.text("en"),
        counters=entry.some_of("counters", COUNTERS),
        over=entry.one_of("over", ("each", "sum"), default="each"),
        period=entry.one_of("period", PERIODS, default="event"),
        currency=entry.text("currency", default=""),
        steps=_steps(entry, row),
        met_by=met_by,
        text=entry.text("text", default=""),
        must_say=entry.words("must_say"),
        within=_lead(entry, "within"),
        lead=_lead(entry, "lead"),
        channels=entry.words("channels"),
        if_failed=entry.one_of("if_failed", ON_FAILURE, default="other_channel"),
        if_unknown=entry.one_of("if_unknown", ON_FAILURE, default="resend"),
        wait_h=entry.whole("wait_h", default=24, minimum=1),
        bypass_quiet=entry.flag("bypass_quiet", default=False),
        opt_out=entry.flag("opt_out", default=False),
        exempt=entry.some_of("exempt", EXEMPT),
        offers=entry.words("offers"),
        region=entry.text("region", default=""),
        replaces=entry.text("replaces", default=""),
        note_zh=entry.text("note_zh", default=""),
        note_en=entry.text("note_en", default=""),
        source=entry.text("source"),
        verified=entry.verified(),
    )
    _agree(duty, entry)
    return duty


_DUTY_KEYS = frozenset(
    {
        "id",
        "since",
        "phase",
        "trigger",
        "who",
        "title_zh",
        "title_en",
        "zh",
        "en",
        "counters",
        "over",
        "period",
        "currency",
        "steps",
        "met_by",
        "text",
        "must_say",
        "within",
        "lead",
        "channels",
        "if_failed",
        "if_unknown",
        "wait_h",
        "bypass_quiet",
        "opt_out",
        "exempt",
        "offers",
        "replaces",
        "note_zh",
        "note_en",
        "source",
        "verified",
        "action",
        "region",
    }
)
_STEP_KEYS = frozenset(
    {
        "id",
        "kind",
        "value",
        "unit",
        "months",
        "applies",
        "action",
        "text",
        "must_say",
        "source",
        "verified",
    }
)


def _steps(entry: RuleEntry, row: Mapping[str, Any]) -> tuple[DutyStep, ...]:
    """The steps of a duty; a duty of the life cycle without any is due once for each event."""
    action = entry.one_of("action", ACTIONS, default="notice")
    listed = row.get("steps") or [{"id": "once", "kind": "once"}]
    steps = tuple(
        _step(
            RuleEntry(step, f"{entry.title}, step {step.get('id', '?')}", entry.where),
            entry,
            action,
        )
        for step in listed
    )
    if len({step.id for step in steps}) != len(steps):
        raise entry.refused(_("two steps have the same id."), _("Give each step its own id."))
    return steps


def _step(entry: RuleEntry, duty: RuleEntry, action: str) -> DutyStep:
    entry.only(_STEP_KEYS)
    kind = entry.one_of("kind", STEP_KINDS)
    step = DutyStep(
        id=entry.text("id"),
        kind=kind,
        value=entry.whole("value", default=0, minimum=0),
        unit=entry.one_of("unit", ("", "mb", "min", "count", "minor"), default=""),
        months=entry.whole("months", default=0, minimum=0),
        applies=entry.one_of("applies", ("all", "default"), default="all"),
        action=entry.one_of("action", ACTIONS, default=action),
        text=entry.text("text", default=duty.text("text", default="")),
        must_say=(*duty.words("must_say"), *entry.words("must_say")),
        source=entry.text("source", default=duty.text("source")),
        verified=entry.verified() if "verified" in entry.table else duty.verified(),
    )
    if ":" in step.id or "|" in step.id:
        raise entry.refused(_("an id holds ':' or '|'."), _("Both separate the parts of a key."))
    if kind in {"percent", "every", "times_mean", "absolute", "remaining"} and step.value < 1:
        raise entry.refused(
            _("a step of kind %(kind)s needs a value above zero."), _("State it."), kind=kind
        )
    if kind in {"absolute", "every", "remaining", "below", "own"} and not step.unit:
        raise entry.refused(
            _("a step of kind %(kind)s needs a unit."),
            _("Choose mb, min, count, minor."),
            kind=kind,
        )
    if kind == "times_mean" and not step.months:
        raise entry.refused(_("it does not say over how many months."), _("State months."))
    return step


def _lead(entry: RuleEntry, key: str) -> LeadTime | None:
    table = entry.table.get(key)
    if table is None:
        return None
    part = RuleEntry(table, f"{entry.title}, {key}", entry.where)
    part.only(frozenset({"amount", "unit", "earliest", "source", "verified"}))
    latest = part.term("amount")
    earliest = part.term("earliest") if "earliest" in table else None
    if earliest is not None and earliest.amount < latest.amount:
        raise part.refused(_("the earliest day lies after the latest."), _("Exchange the two."))
    return LeadTime(
        latest=latest,
        earliest=earliest,
        source=part.text("source", default=entry.text("source")),
        verified=part.verified() if "verified" in table else entry.verified(),
    )


def _agree(duty: Duty, entry: RuleEntry) -> None:
    """What one field says must fit what the others say."""
    if not duty.channels:
        raise entry.refused(_("it names no channel."), _("Name at least one."))
    if duty.region and duty.trigger not in OF_A_COUNTRY:
        raise entry.refused(
            _("it names a region, and %(trigger)s belongs to no country."),
            _("Leave out region, or choose one of %(known)s."),
            trigger=duty.trigger,
            known=", ".join(OF_A_COUNTRY),
        )
    if duty.region and any(step.action != "notice" for step in duty.steps):
        raise entry.refused(
            _("it holds or stops use in some countries only."),
            _("Leave out region, or use the action notice."),
        )
    if duty.met_by != "notice":
        return
    if not all(step.text for step in duty.steps):
        raise entry.refused(_("it names no text."), _("Name its text."))
    if not duty.must_say:
        raise entry.refused(_("it does not list what a notice must say."), _("List must_say."))
    if duty.trigger in {"allowance", "spend", "roaming_use"} and not duty.counters:
        raise entry.refused(_("it counts nothing."), _("Name the counters."))
    if duty.trigger in USAGE and duty.lead is not None:
        raise entry.refused(
            _("usage cannot be announced ahead."), _("Leave out lead, or choose an event.")
        )
    for step in duty.steps:
        if step.action == "hold" and "how_to_consent" not in step.must_say:
            raise entry.refused(
                _("step %(step)s holds use and does not say how to consent."),
                _("Add how_to_consent."),
                step=step.id,
            )
