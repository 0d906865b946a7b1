"""What the operator must tell, when, to whom and how: the duties of a pack, read from dated data.

A duty lies in `rules/data/duties-<pack>@YYYY-MM-DD.toml`. Every percentage, sum and term is data
there. A step may carry its own `source` and `verified`: where a rule says "near the limit" and
names no number, the duty is read in the rule and the number is the operator's own.

A provincial file is laid over its national one: a duty that says `replaces = "cn.abnormal"` stands
in that duty's place, with the stricter figures of the two (`rules/stricter.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from amends.kit.packs import RuleFile, Verified, pack, rules_in_force
from amends.kit.terms import Term
from amends.notices.rules.quiet import QuietHours
from amends.notices.rules.reading import Entry, UnableToReadDuties
from amends.notices.rules.regions import Region, like_home, regions_on
from amends.notices.rules.stricter import stricter

__all__ = ["Book", "Duty", "Lead", "Step", "UnableToReadDuties", "book", "read_duties"]

PHASES = ("before", "effect", "during", "expiry")
"""Before an agreement or change; on its taking effect; while it runs; before it ends."""

USAGE = (
    "allowance", "spend", "roaming_use", "balance", "roaming_entry", "roaming_first_data",
    "border", "abnormal_spend", "new_charge_kind",
)  # fmt: skip
"""Triggers that usage and charges pull; the engine detects them."""

EVENTS = (
    "order_asked", "order_done", "plan_agreed", "change_planned", "price_planned", "stop_planned",
    "interruption_planned", "number_change_planned", "promotion_ends", "contract_ends", "renewal",
    "prepaid_expires", "arrears", "yearly", "month_closed", "repair_late", "preference_changed",
    "published",
)  # fmt: skip
"""Triggers of the life cycle; `life_cycle.due` turns events into due dates."""

PERIODS = ("billing", "visit", "event", "year", "day")
"""What re-arms a duty: the next billing period, visit abroad, event, year or day."""

COUNTERS = ("data", "voice", "sms", "mms", "roaming_data", "roaming_voice", "roaming_sms", "money")
UNITS = {"data": "mb", "voice": "min", "sms": "count", "mms": "count", "money": "minor"}
STEP_KINDS = (
    "percent", "absolute", "every", "remaining", "negative", "below", "times_mean", "own", "once",
)  # fmt: skip
ACTIONS = ("notice", "hold", "stop")
CHANNELS = ("sms", "mail", "app", "phone", "letter", "web", "contract", "bill")
MET_BY = ("notice", "confirmation", "contract", "bill", "publication")
EXEMPT = ("m2m", "b2b")
"""Kinds of services, or of their offers, that a rule may leave out: machines, business users."""
OF_A_COUNTRY = ("roaming_entry", "roaming_first_data", "border")
"""Triggers that a country belongs to; only such a duty may name a region."""
ON_FAILURE = ("other_channel", "resend", "ask", "nothing")


@dataclass(frozen=True, slots=True)
class Step:
    """One mark at which a duty is due.

    id      its name in keys and facts, e.g. "80%"; never reused for another mark
    kind    `percent` of a limit; `absolute`: an amount used; `every`: each multiple of an amount;
            `remaining`: an amount left of a limit; `below`: a balance under an amount; `negative`:
            a balance below zero; `times_mean`: more than `value` times the mean of `months` periods
            before; `own`: the mark the user has chosen, `value` where none was chosen; `once`: the
            event itself
    value   the percentage, factor or amount, a whole number
    unit    of an amount: `mb`, `min`, `count`, `minor` (money, in the duty's currency)
    applies whom it concerns: `all`, or `default` = who has chosen no limit of their own
    action  `notice`, `hold` (nothing more until the user consents) or `stop`
    """

    id: str
    kind: str
    value: int
    unit: str
    months: int
    applies: str
    action: str
    text: str
    must_say: tuple[str, ...]
    source: str
    verified: Verified


@dataclass(frozen=True, slots=True)
class Lead:
    """How long before the event: at the latest, and at the earliest where a rule says so."""

    latest: Term
    earliest: Term | None
    source: str
    verified: Verified


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty.

    version      the day of the rule file the row was last written in; part of every key
    rules        that file, as facts cite it: `duties-cn@2012-01-20`
    over         `each`: every counter has its own steps; `sum`: they are added up
    currency     of its amounts of money, "" for that of the pack
    met_by       `notice`: we send one; otherwise what fulfils it: the request for confirmation, the
                 contract, the bill, the publication (the auditor looks there)
    within       how soon after the event; None where it is at once
    lead         how long before it; None for what is told at or after the event
    channels     in order of preference; the user's own choice among them goes first
    if_failed    `other_channel`, `resend`, `ask` a person, or `nothing`
    if_unknown   the same, when nobody can tell whether it was sent
    wait_h       hours without a receipt after which it counts as not delivered
    bypass_quiet whether it goes out in quiet hours
    opt_out      whether the user may decline it
    exempt       kinds of services or offers it does not concern: `m2m`, `b2b`
    region       where it holds (`regions@….toml`), "" for everywhere; `countries`: those of the
                 region on the day of the book, none of them for everywhere
    """

    id: str
    version: str
    rules: str
    phase: str
    trigger: str
    who: str
    zh: str
    en: str
    counters: tuple[str, ...]
    over: str
    period: str
    currency: str
    steps: tuple[Step, ...]
    met_by: str
    text: str
    must_say: tuple[str, ...]
    within: Lead | None
    lead: Lead | None
    channels: tuple[str, ...]
    if_failed: str
    if_unknown: str
    wait_h: int
    bypass_quiet: bool
    opt_out: bool
    exempt: tuple[str, ...]
    offers: tuple[str, ...]
    replaces: str
    note_zh: str
    note_en: str
    source: str
    verified: Verified
    region: str = ""
    countries: tuple[str, ...] = ()

    def holds_in(self, country: str) -> bool:
        """Whether it holds in a country, by its two letters."""
        return not self.region or country in self.countries

    def step(self, step_id: str) -> Step:
        """A step by its id; the own mark of a user (`own:5000`) is the step `own`."""
        plain = step_id.partition(":")[0]
        return next(step for step in self.steps if step.id == plain)


@dataclass(frozen=True, slots=True)
class Book:
    """All duties of a place on a day, with its quiet hours and languages.

    replaced   duty → the national duty it stands in for
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

    def stands_for(self, duty_id: str) -> Duty | None:
        """The national duty in whose place a provincial one holds; None where there is none."""
        return next((national for own, national in self.replaced if own == duty_id), None)

    def on_trigger(self, triggers: Iterable[str]) -> tuple[Duty, ...]:
        """The duties that one of `triggers` pulls."""
        wanted = set(triggers)
        return tuple(duty for duty in self.duties if duty.trigger in wanted)


@lru_cache(maxsize=1024)
def book(jurisdiction: str, on: date) -> Book:
    """The duties of `jurisdiction` (`cn`, `cn-41`, `eu`, …) on the day `on`.

    Empty where the pack lists no duties in force that day.

    >>> [step.value for step in book("cn", date(2015, 5, 1)).find("cn.abnormal").steps]
    [5]
    """
    place = pack(jurisdiction, on)
    files = rules_in_force(jurisdiction, "notices", "duties", on)
    found: dict[str, Duty] = {}
    replaced: dict[str, Duty] = {}
    quiet: QuietHours | None = None
    for file in files:
        for duty in read_duties(file):
            national = found.pop(duty.replaces, None)
            if national is not None:
                replaced[duty.id] = national
            found[duty.id] = stricter(duty, national) if national is not None else duty
        quiet = _quiet(file) or quiet
    regions = regions_on(on)
    placed = tuple(_placed(duty, regions) for duty in found.values())
    named = {regions[duty.region].rules: None for duty in placed if duty.region}
    return Book(
        jurisdiction, on, (*(file.version for file in files), *named), placed, quiet,
        place.currency, place.zone, tuple(replaced.items()), like_home(jurisdiction, on),
    )  # fmt: skip


def _placed(duty: Duty, regions: Mapping[str, Region]) -> Duty:
    """With the countries of its region as they are that day."""
    if not duty.region:
        return duty
    if duty.region not in regions:
        raise UnableToReadDuties(
            f"duty {duty.id}: there is no region {duty.region!r} on that day.",
            meaning="Where the duty holds is not known, so the file is not used.",
            next_step="Correct the name, or add a dated file of regions.",
            where=duty.rules,
        )
    return replace(duty, countries=regions[duty.region].countries)


def read_duties(file: RuleFile) -> tuple[Duty, ...]:
    """The duties of one rule file; UnableToReadDuties names the entry that cannot be used."""
    return tuple(_duty(row, file) for row in file.data.get("duties", []))


def _quiet(file: RuleFile) -> QuietHours | None:
    table = file.data.get("quiet")
    if table is None:
        return None
    entry = Entry(table, "[quiet]", file.version)
    start, end = entry.clock("from"), entry.clock("to")
    if start == end:
        raise entry.refused("from and to are the same hour", "State two hours, or leave it out.")
    return QuietHours(
        start, end, entry.text("zh"), entry.text("en"), entry.text("source"), entry.verified()
    )


def _duty(row: Mapping[str, Any], file: RuleFile) -> Duty:
    entry = Entry(row, f"duty {row.get('id', '?')}", file.version)
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
        channels=entry.some_of("channels", CHANNELS),
        if_failed=entry.one_of("if_failed", ON_FAILURE, default="other_channel"),
        if_unknown=entry.one_of("if_unknown", ON_FAILURE, default="resend"),
        wait_h=entry.whole("wait_h", default=24, least=1),
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


_DUTY_KEYS = frozenset({
    "id", "since", "phase", "trigger", "who", "zh", "en", "counters", "over", "period", "currency",
    "steps", "met_by", "text", "must_say", "within", "lead", "channels", "if_failed", "if_unknown",
    "wait_h", "bypass_quiet", "opt_out", "exempt", "offers", "replaces", "note_zh", "note_en",
    "source", "verified", "action", "region",
})  # fmt: skip
_STEP_KEYS = frozenset({
    "id", "kind", "value", "unit", "months", "applies", "action", "text", "must_say", "source",
    "verified",
})  # fmt: skip


def _steps(entry: Entry, row: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps of a duty; a duty of the life cycle without any is due once for each event."""
    action = entry.one_of("action", ACTIONS, default="notice")
    listed = row.get("steps") or [{"id": "once", "kind": "once"}]
    steps = tuple(_step(Entry(step, f"{entry.title}, step {step.get('id', '?')}", entry.where),
                        entry, action) for step in listed)  # fmt: skip
    if len({step.id for step in steps}) != len(steps):
        raise entry.refused("two steps have the same id", "Give each step its own id.")
    return steps


def _step(entry: Entry, duty: Entry, action: str) -> Step:
    entry.only(_STEP_KEYS)
    kind = entry.one_of("kind", STEP_KINDS)
    step = Step(
        id=entry.text("id"),
        kind=kind,
        value=entry.whole("value", default=0, least=0),
        unit=entry.one_of("unit", ("", "mb", "min", "count", "minor"), default=""),
        months=entry.whole("months", default=0, least=0),
        applies=entry.one_of("applies", ("all", "default"), default="all"),
        action=entry.one_of("action", ACTIONS, default=action),
        text=entry.text("text", default=duty.text("text", default="")),
        must_say=(*duty.words("must_say"), *entry.words("must_say")),
        source=entry.text("source", default=duty.text("source")),
        verified=entry.verified() if "verified" in entry.table else duty.verified(),
    )
    if ":" in step.id or "|" in step.id:
        raise entry.refused("an id holds ':' or '|'", "Both separate the parts of a key.")
    if kind in {"percent", "every", "times_mean", "absolute", "remaining"} and step.value < 1:
        raise entry.refused(f"a step of kind {kind} needs a value above zero", "State it.")
    if kind in {"absolute", "every", "remaining", "below", "own"} and not step.unit:
        raise entry.refused(f"a step of kind {kind} needs a unit", "Choose mb, min, count, minor.")
    if kind == "times_mean" and not step.months:
        raise entry.refused("it does not say over how many months", "State months.")
    return step


def _lead(entry: Entry, key: str) -> Lead | None:
    table = entry.table.get(key)
    if table is None:
        return None
    part = Entry(table, f"{entry.title}, {key}", entry.where)
    part.only(frozenset({"amount", "unit", "earliest", "source", "verified"}))
    latest = part.term("amount")
    earliest = part.term("earliest") if "earliest" in table else None
    if earliest is not None and earliest.amount < latest.amount:
        raise part.refused("the earliest day lies after the latest", "Exchange the two.")
    return Lead(
        latest,
        earliest,
        part.text("source", default=entry.text("source")),
        part.verified() if "verified" in table else entry.verified(),
    )


def _agree(duty: Duty, entry: Entry) -> None:
    """What one field says must fit what the others say."""
    if not duty.channels:
        raise entry.refused("it names no channel", "Name at least one.")
    if duty.region and duty.trigger not in OF_A_COUNTRY:
        raise entry.refused(
            f"it names a region, and {duty.trigger} belongs to no country",
            f"Leave out region, or choose one of {', '.join(OF_A_COUNTRY)}.",
        )
    if duty.region and any(step.action != "notice" for step in duty.steps):
        raise entry.refused(
            "it holds or stops use in some countries only", "Leave out region, or only tell."
        )
    if duty.met_by != "notice":
        return
    if not all(step.text for step in duty.steps):
        raise entry.refused("it names no text", "Name the text that tells it.")
    if not duty.must_say:
        raise entry.refused("it does not say what must be told", "List must_say.")
    if duty.trigger in {"allowance", "spend", "roaming_use"} and not duty.counters:
        raise entry.refused("it counts nothing", "Name the counters.")
    if duty.trigger in USAGE and duty.lead is not None:
        raise entry.refused("usage cannot be told ahead", "Leave out lead, or choose an event.")
    for step in duty.steps:
        if step.action == "hold" and "how_to_consent" not in step.must_say:
            raise entry.refused(
                f"step {step.id} holds and does not tell how to consent", "Add how_to_consent."
            )
