"""What a duty is: the words its rows may use, its steps, its terms."""

from __future__ import annotations

from dataclasses import dataclass

from amends.platform.kit.packs import Verified
from amends.platform.kit.terms import Term

PHASES = ("before", "effect", "during", "expiry")
"""Before an agreement or change; on its taking effect; while it runs; before it ends."""

USAGE = (
    "allowance",
    "spend",
    "roaming_use",
    "balance",
    "roaming_entry",
    "roaming_first_data",
    "border",
    "abnormal_spend",
    "new_charge_kind",
)
"""Triggers that usage and charges pull; the engine detects them."""

EVENTS = (
    "order_asked",
    "order_done",
    "plan_agreed",
    "change_planned",
    "price_planned",
    "stop_planned",
    "interruption_planned",
    "number_change_planned",
    "promotion_ends",
    "contract_ends",
    "renewal",
    "prepaid_expires",
    "arrears",
    "yearly",
    "month_closed",
    "repair_late",
    "preference_changed",
    "published",
)
"""Triggers of the life cycle; `life_cycle.due` turns events into due dates."""

PERIODS = ("billing", "visit", "event", "year", "day")
"""What re-arms a duty: the next billing period, visit abroad, event, year or day."""

COUNTERS = ("data", "voice", "sms", "mms", "roaming_data", "roaming_voice", "roaming_sms", "money")
UNITS = {"data": "mb", "voice": "min", "sms": "count", "mms": "count", "money": "minor"}
STEP_KINDS = (
    "percent",
    "absolute",
    "every",
    "remaining",
    "negative",
    "below",
    "times_mean",
    "own",
    "once",
)
ACTIONS = ("notice", "hold", "stop")
MET_BY = ("notice", "confirmation", "contract", "bill", "publication")
EXEMPT = ("m2m", "b2b")
"""Kinds of services, or of their offers, that a rule may leave out: machines, business users."""
OF_A_COUNTRY = ("roaming_entry", "roaming_first_data", "border")
"""Triggers that a country belongs to; only such a duty may name a region."""
ON_FAILURE = ("other_channel", "resend", "ask", "nothing")


@dataclass(frozen=True, slots=True)
class DutyStep:
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
class LeadTime:
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
    title_zh     what the service desk calls it; `zh` and `en` are the sentence of the rule
    over         `each`: every counter has its own steps; `sum`: they are added up
    currency     of its amounts of money, "" for that of the pack
    met_by       `notice`: we send one; otherwise what fulfils it: the request for confirmation, the
                 contract, the bill, the publication (the auditor looks there)
    within       how soon after the event; None where it is at once
    lead         how long before it; None for what is notified at or after the event
    channels     in order of preference; the user's own choice among them goes first
    if_failed    `other_channel`, `resend`, `ask` a person, or `nothing`
    if_unknown   the same, when it is not known whether it was sent
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
    title_zh: str
    title_en: str
    zh: str
    en: str
    counters: tuple[str, ...]
    over: str
    period: str
    currency: str
    steps: tuple[DutyStep, ...]
    met_by: str
    text: str
    must_say: tuple[str, ...]
    within: LeadTime | None
    lead: LeadTime | None
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

    def step(self, step_id: str) -> DutyStep:
        """A step by its id; the own mark of a user (`own:5000`) is the step `own`."""
        plain = step_id.partition(":")[0]
        return next(step for step in self.steps if step.id == plain)
