"""What an app brings along: each `AppConfig` declares it, and nobody imports the app to find it.

Siblings never import each other. What they need from each other (a gate before a launch, a panel on
the complaint page) is declared here by dotted path and asked for
through `check_gate`, `panels` and the like.

    class LaunchesConfig(registry.AmendsApp):
        name = "amends.causes.launches"
        label = "launches"
        commands = {"launches": "amends.causes.launches.cli:app"}
        urls = (("desk/launches/", "amends.causes.launches.web.urls"),)
        navigation = (
            registry.Entry("compliance", "launches", _("Launches"), "flag", "/desk/launches/",
                           "launches.read"),
        )
        jobs = (
            registry.Job("launch stop-loss", 60, "amends.causes.launches.jobs.stop_loss.check"),
        )

Order: apps as `amends.site.installed.APPS` lists them, entries as the app lists them.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from django.apps import AppConfig, apps
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from amends.platform.kit.actors import Actor
from amends.platform.kit.periods import Period

if TYPE_CHECKING:
    from django.http import HttpRequest

Area = Literal["work", "problems", "compliance", "reports", "settings"]
JobGroup = Literal["sequence", "send", "codes", "receive", "fetch", "light", "usage", "heavy"]
"""Jobs by what they cost. Each group has a loop of its own, so none waits for another:

sequence  numbers facts
send      hands messages to providers
codes     codes and confirmations that a person waits for at a page
receive   complaints, messages and chats
fetch     waits for other servers: mailboxes, social media, certificates, probes
light     short passes over rows: deadlines, timers, notices
usage     counts usage records
heavy     scans, forecasts, files and packages: seconds to minutes each
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the navigation of the desk.

    area        which of the four areas of the desk lists it; "settings" stands apart
    name        name of its address, without arguments
    path        the part of the address that marks it as the present page
    permission  what a person must be allowed to see it; "" for everybody who has signed in
    order       place in its area, lowest first
    within      name of the entry whose page this one is a tab of; "" for none
    """

    area: Area
    name: str
    label: str | Promise
    icon: str
    path: str
    permission: str = ""
    order: int = 50
    within: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A function that the worker calls every so many seconds.

    run    dotted path; it is given `now` and `holder` (who holds the lease) where it names them
    group  whose loop runs it; choose `heavy` for a job that may take longer than a second
    """

    name: str
    every_s: float
    run: str
    group: JobGroup = "light"

    def __call__(self, *, now: datetime, holder: str) -> object:
        run = import_string(self.run)
        arguments = {"now": now, "holder": holder}
        named = inspect.signature(run).parameters
        return run(**{name: value for name, value in arguments.items() if name in named})


@dataclass(frozen=True, slots=True)
class GateResult:
    """What a gate answers: green may pass, red must not, open says nobody has checked yet."""

    gate: str
    state: Literal["open", "red", "green"]
    reason: str


@dataclass(frozen=True, slots=True)
class GatePage:
    """Where a gate is checked, and who does it.

    name        name of the address of the page, without arguments
    permission  what a person must be allowed to see the page
    owner       what a person must be allowed to clear the gate
    """

    name: str
    permission: str
    owner: str


Effect = Literal["block", "suspend", "publish", "pay", "speak"]
LONGEST_HOLD_HOURS = 24
"""For how long an urgent act may be in force before a second person decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionAct:
    """The argument of the performer of a binding decision.

    ref       reference of the waiting item; part, what of the subject it is about, "" for all
    payload   arguments of the act: strings, integers and lists of them
    brands    brands it touches; empty for the entire operator
    actor     the approver; the requester while an urgent act is in force without a decision, and
              where a rule replaced the second person
    until     end of an urgent act that no one has decided yet, None otherwise
    rule      rule that replaced the second person, "" where a person decided
    outcome   what the performer returned; for its undoing
    answer    reason of the approval or the refusal
    """

    ref: str
    decision: str
    subject: str
    part: str
    payload: Mapping[str, Any]
    brands: tuple[str, ...]
    asked_by: str
    asked_at: datetime
    reason: str
    actor: Actor
    now: datetime
    until: datetime | None = None
    rule: str = ""
    outcome: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInstead:
    """A published rule whose evidence replaces the second person of a binding decision.

    accepts  dotted path of `f(payload, evidence, on) -> str`: the version of the rule that accepts
             the evidence on a day, "" where it does not
    """

    name: str
    title: str | Promise
    accepts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingDecision:
    """A decision that binds others: two people make it, or a published rule replaces the second.

    name          "APP.what_is_done"
    effect        what it does to others
    asks          permission of the requester; decides, permission of the approver
    perform       dotted path of `f(act) -> str | None`, called in the transaction of the approval;
                  what it returns (a reference of at most 64 characters) is handed to `undo`
    consequence   what happens once it is approved, in a sentence
    undo          dotted path of `f(act) -> None`, "" where it cannot be undone
    undo_note     how it is undone, or why it cannot be
    deadline      how long it waits; then it lapses, and nothing is done
    hold_hours    how long an urgent act may be in force without a decision; 0 for never
    at_once       dotted path of the part of an urgent act that takes effect at once; `perform`
                  follows with the approval; "" where `perform` does it at once
    rules         the rules that may replace the second person
    also_needs    dotted path of `f(act, actor) -> bool`: further authority of the approver, such
                  as a limit of amounts
    unapproved    dotted path of `f(act) -> None`, called when a request is refused or withdrawn, or
                  when it lapses
    preview       dotted path of `f(act) -> Sequence[tuple[label, value]]`: what will happen
    """

    name: str
    title: str | Promise
    effect: Effect
    asks: str
    decides: str
    perform: str
    consequence: str | Promise
    undo: str = ""
    undo_note: str | Promise
    deadline: timedelta = timedelta(days=7)
    hold_hours: int = 0
    at_once: str = ""
    rules: tuple[RuleInstead, ...] = ()
    also_needs: str = ""
    unapproved: str = ""
    preview: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.hold_hours <= LONGEST_HOLD_HOURS:
            raise ValueError(f"{self.name}: an urgent act is in force for at most 24 hours alone")
        if self.hold_hours and not self.undo:
            raise ValueError(f"{self.name}: an urgent act needs a way to undo it")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExemptDecision:
    """A decision that binds others and does not wait for a second person, with its rule.

    rule     which rule it follows instead, and why that is enough
    decides  permission of the approver, "" where the person concerned or the platform decides
    """

    name: str
    title: str | Promise
    effect: Effect
    decides: str
    rule: str | Promise
    undo_note: str | Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingSource:
    """Rows of an app whose own state says that they wait for a person.

    `amends.work.approvals.queries.waiting` reads all declared sources in one union. Columns are
    names of fields or expressions, "" for none.

    name       "APP.what_waits"
    title      what waits, as lists show it; action, what the addressee does next
    model      "app.Model"; where, lookups of the rows that wait
    rows       dotted path of `f() -> QuerySet` of these rows, where lookups do not express it
    addressee  who acts: colleagues, the customer, the partner
    decides    permission of the colleagues who may act, or of those who may remind a customer
    subject    kind of the subject, as in requests of approval; an expression where rows differ
    key        its key; page_key, argument of the page: the same key where it is ""
    page       name of the page of the object; page_key=None, it has no argument
    label      title of the object, personal values masked; a pair for Chinese and English
    labels     dotted path of `f(page_keys) -> dict[page_key, title]`, for the rows that are
               listed, where no column has the title
    asked_by   reference of the requester
    person     reference of the one colleague addressed; "" in a row for all who may act
    role       the role addressed
    since      when it began to wait; due_at, its deadline
    brand      brand of the row
    second     the requester may not act
    unless_requested  rows for whose subject an approval waits are not listed: that is listed
    queue      name of the page that lists these rows; they are many, and *My day* links it
    """

    name: str
    title: str | Promise
    action: str | Promise
    model: str
    where: Mapping[str, Any]
    rows: str = ""
    addressee: Literal["colleagues", "customer", "partner"] = "colleagues"
    decides: str
    subject: Any
    key: Any
    page: str
    page_key: Any = ""
    label: Any = ""
    labels: str = ""
    asked_by: Any = ""
    person: Any = ""
    role: Any = ""
    since: Any
    due_at: Any = ""
    brand: Any = ""
    second: bool = False
    unless_requested: bool = False
    queue: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the complaint page that another app draws.

    render  dotted path of `f(request, complaint) -> SafeString`: HTML, "" for nothing
    tab     where it is shown: "evidence", "customer" or "issue"
    """

    title: str | Promise
    render: str
    tab: str = "evidence"


@dataclass(frozen=True, slots=True)
class DrawnPanel:
    """A panel as HTML."""

    title: str | Promise
    tab: str
    html: str


@dataclass(frozen=True, slots=True)
class HomeRow:
    """One thing on the first page after sign-in: what it is, and the page where it is done.

    path    address of that page, "" where there is nothing to do but to wait
    due_at  its deadline, None where it has none
    note    what to know of it, in a few words
    """

    title: str | Promise
    path: str
    note: str | Promise = ""
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HomePanel:
    """A list on the first page after sign-in.

    question    what it answers: what is due, what got worse, what helped
    roles       whose first page it is on
    rows        dotted path of `f(actor, now) -> Sequence[HomeRow]`, the most urgent first
    page        name of the address with all of them
    permission  what a person must be allowed to open that page
    empty       what an empty list means, and what to do next
    link        label of the link to that page, "" for "All"
    """

    question: Literal["due", "worse", "helped"]
    title: str | Promise
    roles: tuple[str, ...]
    rows: str
    page: str
    permission: str
    empty: str | Promise
    link: str | Promise = ""


@dataclass(frozen=True, slots=True)
class PaletteHit:
    """What the palette (Ctrl-K) found: `group` is what it is, `note` what tells it from others.

    Whatever is personal in it is masked.
    """

    group: str | Promise
    title: str | Promise
    path: str
    note: str | Promise = ""


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """A page on which something of the installation is changed, as the page of settings lists it.

    name        name of the address; permission: who may open it
    description what is changed there
    """

    title: str | Promise
    description: str | Promise
    icon: str
    name: str
    permission: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Apps that an installation may switch off together; `AmendsApp.part` names them.

    needs      the part without which this one is off, too; "" for none
    desk_only  only its pages for staff are switched off: its jobs and its pages for customers, who
               hold links to them, go on
    modules    modules of other apps that belong to it, as dotted paths
    """

    name: str
    title: str | Promise
    description: str | Promise
    needs: str = ""
    desk_only: bool = False
    modules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ComplaintText:
    """A complaint with its first text, unmasked.

    identified  whether the subscriber has proved who they are
    staff       the colleague who entered it for the complainant, "" for none
    """

    ref: str
    at: datetime
    channel: str
    subscriber: str
    identified: bool
    text: str
    staff: str = ""


@dataclass(frozen=True, slots=True)
class Concern:
    """Somebody whose data may have been looked at wrongly: who, when, and where it is told.

    subscriber  pseudonym; reference, of the complaint or hot issue; path, its page
    """

    subscriber: str
    at: datetime
    reference: str
    path: str


@dataclass(frozen=True, slots=True)
class PublishedText:
    """What a channel says of one offer, apart from adverts: an article of the help centre."""

    key: str
    channel: str
    language: str
    text: str
    offer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportRequest:
    """A complaint that a rule is about to reject: whose it is and what is looked into.

    subscriber  pseudonym
    since       from when charges may be disputed; until, what the complaint is about
    classes     classes it may be about
    """

    complaint: str
    subscriber: str
    area: str
    since: datetime
    until: datetime
    classes: Collection[str]


@dataclass(frozen=True, slots=True)
class ReceivedComplaint:
    """A complaint by what may explain it: when, where, of which class, by whom (a pseudonym)."""

    ref: str
    at: datetime
    area: str
    code: str
    brand: str
    subscriber: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """A person whose data every app erases, and what their records are found by.

    actor       the privacy officer who asked for it
    case        the access case it is done in
    addresses   mailboxes and telephone numbers, each with the time while it was this person's
    complaints  ids of their complaints, all of them closed
    """

    pseudonym: str
    actor: Actor
    case: str
    addresses: Sequence[tuple[str, Period]]
    complaints: Sequence[str]
    now: datetime

    @property
    def causes(self) -> list[str]:
        """The complaints as messages and remedies refer to them."""
        return [f"complaint:{ref}" for ref in self.complaints]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData:
    """What an app does with its records of a person, as dotted paths; "" where it has none.

    export  `f(pseudonym) -> dict`: the app's part of a subject access export
    erase   `f(erasure) -> int`: erases the rows of a person (`Erasure`); how many
    """

    export: str = ""
    erase: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintsSource:
    """What apps below the complaints ask them, as dotted paths.

    received    `f(start, end, areas) -> list[ReceivedComplaint]`: received in `[start, end)`
    by_offer    `f(offers, start, end) -> dict[str, list[datetime]]`: when complaints about each of
                some offers were received in `[start, end)`; an offer without any is absent
    texts       `f(classes, since) -> list[ComplaintText]`: open complaints of the classes that
                begin with `classes`, received since then, with their first text
    read_again  `f(complaints, now) -> list[str]`: reads the records of open complaints once more,
                after something that concerns them was found
    """

    received: str
    by_offer: str
    texts: str
    read_again: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendLimits:
    """What an app asks just before a message with a purpose is sent, as dotted paths.

    allowed  `f(purpose, subscribers) -> set[str]`: those to whom it may go
    after    `f(purpose, subscribers, now) -> dict[str, datetime]`: those whom it may disturb only
             later, and when; "" where the app knows no such times
    """

    allowed: str
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A check that an offer, a service or a partner passes.

    name    gate, by which `check_gate` asks
    answer  dotted path of `f(subject) -> (state, reason)`, or of `f(subject, brand)`, which is
            given the brand that asks, "" for the whole operator
    page    where it is checked and by whom; None where it has no page
    """

    name: str
    answer: str
    page: GatePage | None = None


class AmendsApp(AppConfig):
    """Base of the `AppConfig` of every app of Amends.

    An `apps.py` imports this module, not the class: Django takes every `AppConfig` it finds there.
    """

    commands: ClassVar[Mapping[str, str]] = {}
    """Command → "module:attribute" of a Typer application or function; loaded when it runs. A
    function named "GROUP COMMAND" is a command of another app's Typer application."""
    part: ClassVar[Part | str] = ""
    """The part of an installation that the app belongs to, described by one of its apps and named
    by the rest; "" for an app that is always on."""
    urls: ClassVar[Sequence[tuple[str, str]]] = ()
    """(prefix, module of addresses)."""
    navigation: ClassVar[Sequence[Entry]] = ()
    home_panels: ClassVar[Sequence[HomePanel]] = ()
    jobs: ClassVar[Sequence[Job]] = ()
    settings_pages: ClassVar[Sequence[SettingsPage]] = ()
    palette: ClassVar[str] = ""
    """Dotted path of `f(request, words) -> Sequence[PaletteHit]`: what the palette finds of the
    app for the reader, the best first; nothing that the reader may not open."""
    queues: ClassVar[Mapping[str, str]] = {}
    """Queue → dotted path of `f() -> datetime | None`: since when its oldest entry waits."""
    personal_data: ClassVar[PersonalData] = PersonalData()
    support: ClassVar[str] = ""
    """Dotted path of `f(requests, now) -> dict[str, list[Support]]`: complaint → what the app has
    on record in favour of the person (`decisions.dossier.Support`), asked before a rule rejects
    the complaint alone; in a few queries for all requests (`SupportRequest`)."""
    complaints: ClassVar[ComplaintsSource | None] = None
    """Declared by `complaints` alone: quality, knowledge, vetting and protection are below it."""
    actor_called: ClassVar[str] = ""
    """Dotted path of `f(name) -> Actor`: the person with a sign-in name, for commands with --by.
    Declared by `access` alone: the decorator of commands is in the lowest group."""
    case_kinds: ClassVar[Sequence[str]] = ()
    """Dotted paths of `CaseKind` classes: what people work on (`casework/queries/kinds.py`)."""
    gates: ClassVar[Sequence[Gate]] = ()
    decisions: ClassVar[Sequence[BindingDecision | ExemptDecision]] = ()
    """The decisions of the app that bind others (`amends.work.approvals`)."""
    waiting: ClassVar[str] = ""
    """Dotted path of the `WaitingSource`s of the app, its rows that wait for a person; a test
    refuses a state that is not declared."""
    send_limits: ClassVar[SendLimits | None] = None
    published_texts: ClassVar[str] = ""
    """Dotted path of `f() -> list[PublishedText]`: what the app publishes about offers."""
    concerns: ClassVar[str] = ""
    """Dotted path of `f(since, now) -> list[Concern]`: people whose complaints or issues say that
    somebody looked at their data."""
    panels: ClassVar[Sequence[Panel]] = ()
    rule_sets: ClassVar[Mapping[str, str | Promise]] = {}
    """Package whose dated rule files are on record (`RuleSetActivated`) and on the page of rules →
    what that page calls them; an app also declares those of the engines it decides by."""
    hot_issue: ClassVar[Mapping[str, str]] = {}
    """Question about a hot issue (README of `hotissues`) → dotted path of its answer."""
    demonstration: ClassVar[str] = ""
    """Dotted path of `f(*, seed, now, staff) -> None`: the app's chapter of the demonstration,
    played after its weeks; `staff` gives the actor of each role."""


def installed() -> tuple[AmendsApp, ...]:
    """The apps of Amends, in their order."""
    return _ours(tuple(apps.get_app_configs()))


@functools.cache
def _ours(configs: tuple[AppConfig, ...]) -> tuple[AmendsApp, ...]:
    return tuple(config for config in configs if isinstance(config, AmendsApp))


def parts() -> dict[str, Part]:
    """Name of a part → the part, in the order of the apps."""
    return _parts(installed())


@functools.cache
def _parts(of_apps: tuple[AmendsApp, ...]) -> dict[str, Part]:
    return {app.part.name: app.part for app in of_apps if isinstance(app.part, Part)}


def part_of(path: str) -> str:
    """Name of the part that a dotted path belongs to; "" for what is always on."""
    return _part_of(installed(), path)


@functools.cache
def _part_of(of_apps: tuple[AmendsApp, ...], path: str) -> str:
    for part in parts().values():
        if path.startswith(part.modules):
            return part.name
    return next((_part_name(app) for app in of_apps if path.startswith(f"{app.name}.")), "")


def _part_name(app: AmendsApp) -> str:
    return app.part.name if isinstance(app.part, Part) else app.part


def _in_use(off: frozenset[str]) -> list[AmendsApp]:
    return [app for app in installed() if _part_name(app) not in off]


MOST_ENTRIES = 5
"""Entries an area may have of its own; further pages are tabs of one of these."""


def sections(area: Area, *, off: frozenset[str] = frozenset()) -> Sequence[tuple[Entry, ...]]:
    """The sections of an area in their order: an entry, then the entries that are its tabs.

    off  names of the parts whose entries are left out
    """
    return _sections(installed(), off).get(area, ())


@functools.lru_cache(maxsize=64)
def _sections(
    of_apps: tuple[AmendsApp, ...], off: frozenset[str]
) -> Mapping[Area, Sequence[tuple[Entry, ...]]]:
    entries = sorted(
        (entry for app in of_apps if _part_name(app) not in off for entry in app.navigation),
        key=lambda entry: entry.order,
    )
    tabs: dict[str, list[Entry]] = {}
    for entry in entries:
        tabs.setdefault(entry.within, []).append(entry)
    sections: dict[Area, list[tuple[Entry, ...]]] = {}
    for entry in tabs.get("", []):
        sections.setdefault(entry.area, []).append((entry, *tabs.get(entry.name, [])))
    return sections


def jobs() -> list[Job]:
    """Every job that an app declares."""
    return [job for app in installed() for job in app.jobs]


def home_panels(roles: Sequence[str], *, off: frozenset[str] = frozenset()) -> list[HomePanel]:
    """The panels on the first page of a person with these roles, without those of parts `off`."""
    declared = (
        panel for app in installed() if _part_name(app) not in off for panel in app.home_panels
    )
    return [panel for panel in declared if not set(roles).isdisjoint(panel.roles)]


def palette_hits(
    request: HttpRequest, query: str, *, off: frozenset[str] = frozenset()
) -> list[PaletteHit]:
    """What the apps find for a reader, in the order of the apps, without parts `off`."""
    return [
        hit
        for app in _in_use(off)
        if app.palette
        for hit in import_string(app.palette)(request, query)
    ]


def settings_pages(*, off: frozenset[str] = frozenset()) -> list[SettingsPage]:
    """The pages on which the installation is changed, in the order of the apps."""
    return [
        page for app in installed() if _part_name(app) not in off for page in app.settings_pages
    ]


def rule_sets() -> dict[str, str | Promise]:
    """Package of rule files → its title."""
    return {package: title for app in installed() for package, title in app.rule_sets.items()}


def queues() -> Iterator[tuple[str, datetime | None]]:
    """Every queue of the apps, with the time since when its oldest entry waits."""
    for app in installed():
        for name, path in app.queues.items():
            yield name, import_string(path)()


def demonstration() -> list[Callable[..., None]]:
    """The chapters that apps add to the demonstration."""
    return [import_string(app.demonstration) for app in installed() if app.demonstration]


def actor_called(name: str) -> Any:
    """The `Actor` of the person who signs in as `name`; raises AmendsError for an unknown one."""
    path = next(app.actor_called for app in installed() if app.actor_called)
    return import_string(path)(name)


def exports(pseudonym: str) -> dict[str, Any]:
    """What the apps hold of a person, for a subject access export."""
    exported: dict[str, Any] = {}
    for app in installed():
        if path := app.personal_data.export:
            exported |= import_string(path)(pseudonym)
    return exported


def erase(erasure: Erasure) -> dict[str, int]:
    """Erase the person in every app that declares how; the number of erased records by app.

    `access`, which destroys the person's keys, is below the apps that have records of them and
    therefore comes last.
    """
    paths = {app.label: app.personal_data.erase for app in installed() if app.personal_data.erase}
    return {label: import_string(path)(erasure) for label, path in paths.items()}


def supports(requests: Sequence[SupportRequest], now: datetime) -> dict[str, list[Any]]:
    """Complaint → what apps have on record in favour of the person, in the order of the apps."""
    supports_by_complaint: dict[str, list[Any]] = {}
    for app in installed():
        if app.support and requests:
            for complaint, own_supports in import_string(app.support)(requests, now).items():
                supports_by_complaint.setdefault(complaint, []).extend(own_supports)
    return supports_by_complaint


def _complaints() -> ComplaintsSource | None:
    return next((app.complaints for app in installed() if app.complaints), None)


def complaints_received(
    start: datetime, end: datetime, *, areas: Sequence[str]
) -> list[ReceivedComplaint]:
    """The complaints received from `start` to before `end` in some areas, in order."""
    source = _complaints()
    return list(import_string(source.received)(start, end, areas)) if source else []


def complaints_by_offer(
    offers: Collection[str], start: datetime, end: datetime
) -> dict[str, list[datetime]]:
    """When complaints about each of some offers were received in `[start, end)`."""
    source = _complaints()
    return dict(import_string(source.by_offer)(offers, start, end)) if source and offers else {}


def complaint_texts(classes: str, *, since: datetime) -> list[ComplaintText]:
    """Open complaints of the classes that begin with `classes`, received since then."""
    source = _complaints()
    return list(import_string(source.texts)(classes, since)) if source else []


def read_complaints_again(complaints: Sequence[str], now: datetime) -> list[str]:
    """Have the records of open complaints read once more; those whose suggestion is new."""
    source = _complaints()
    return list(import_string(source.read_again)(complaints, now)) if source and complaints else []


def check_gate(gate: str, subject: str, *, brand: str = "") -> GateResult:
    """Ask a gate about a subject (an offer, a service, a partner); open where no app has it."""
    declared = _gate(gate)
    if declared is None:
        return GateResult(gate, "open", "")
    ask = import_string(declared.answer)
    options = {"brand": brand} if "brand" in inspect.signature(ask).parameters else {}
    state, reason = ask(subject, **options)
    return GateResult(gate, state, reason)


def gate_page(gate: str) -> GatePage | None:
    """Where a gate is checked and by whom; None where no app has it."""
    declared = _gate(gate)
    return declared.page if declared else None


def _gate(name: str) -> Gate | None:
    return next((gate for app in installed() for gate in app.gates if gate.name == name), None)


def decisions() -> list[BindingDecision]:
    """Every declared decision that binds others, in the order of the apps."""
    return [decision for decision in _decisions() if isinstance(decision, BindingDecision)]


def exempt_decisions() -> list[ExemptDecision]:
    """The decisions that bind others and follow a rule of their own instead."""
    return [decision for decision in _decisions() if isinstance(decision, ExemptDecision)]


def waiting_sources(*, off: frozenset[str] = frozenset()) -> list[WaitingSource]:
    """The declared sources of rows that wait, in the order of the apps, without parts `off`."""
    apps = [app for app in _in_use(off) if app.waiting]
    return [source for app in apps for source in import_string(app.waiting)]


def _decisions() -> Iterator[BindingDecision | ExemptDecision]:
    return (decision for app in installed() for decision in app.decisions)


def may_send(purpose: str, subscribers: Sequence[str]) -> set[str]:
    """Those to whom a message of this purpose may go; nobody where no app knows consents."""
    limits = _send_limits()
    allowed = set(subscribers) if limits else set()
    for limit in limits:
        allowed &= import_string(limit.allowed)(purpose, allowed)
    return allowed


def send_after(purpose: str, subscribers: Sequence[str], now: datetime) -> dict[str, datetime]:
    """Those to whom a message of this purpose may be sent only later, and from when."""
    latest: dict[str, datetime] = {}
    for limit in _send_limits():
        if limit.after:
            for subscriber, at in import_string(limit.after)(purpose, subscribers, now).items():
                latest[subscriber] = max(at, latest.get(subscriber, at))
    return latest


def _send_limits() -> list[SendLimits]:
    return [app.send_limits for app in installed() if app.send_limits]


def published_texts() -> list[PublishedText]:
    """What the apps publish about offers, apart from adverts."""
    paths = [app.published_texts for app in installed() if app.published_texts]
    return [text for path in paths for text in import_string(path)()]


def concerns(since: datetime, now: datetime) -> list[Concern]:
    """Those whose complaints or hot issues say that somebody looked at their data."""
    return [
        concern
        for app in installed()
        if app.concerns
        for concern in import_string(app.concerns)(since, now)
    ]


def panels(
    request: HttpRequest, complaint: str, tab: str, *, off: frozenset[str] = frozenset()
) -> list[DrawnPanel]:
    """Panels of other apps in a tab of the complaint page, without those of parts `off`."""
    drawn = (
        DrawnPanel(panel.title, panel.tab, import_string(panel.render)(request, complaint))
        for app in _in_use(off)
        for panel in app.panels
        if panel.tab == tab
    )
    return [panel for panel in drawn if panel.html]


def about_issue(question: str, *arguments: Any, **named: Any) -> list[Any]:
    """What other apps answer to a question about a hot issue, in their order; none, where no app
    has an answer."""
    paths = [path for app in installed() if (path := app.hot_issue.get(question))]
    return [import_string(path)(*arguments, **named) for path in paths]
