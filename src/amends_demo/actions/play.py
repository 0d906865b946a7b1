"""Play a world through the desk: feeds deliver, people complain, rules and handlers decide."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction

from amends.cases.complaints.actions.intake import Receipt, Submission
from amends.cases.complaints.actions.receive import receive_many
from amends.cases.complaints.jobs.clocks import AT_ONCE, check_clocks
from amends.cases.complaints.jobs.pipeline import PipelineRun, process
from amends.cases.complaints.queries import standings
from amends.platform.database.atomic_without_savepoints import atomic_without_savepoints
from amends.platform.kit.allocator import give_back
from amends.platform.kit.periods import from_ms, to_ms
from amends.work.remedies.actions.export import acknowledge, export
from amends_demo.actions.complainants import Complainants
from amends_demo.actions.files import Agenda, File
from amends_demo.actions.handle import Handlers
from amends_demo.actions.hot import Lookout
from amends_demo.actions.judge import judge
from amends_demo.actions.load import Feeds, Loaded, Progress, load, quietly
from amends_demo.actions.meter import Meter
from amends_demo.actions.posts import listen
from amends_demo.actions.repair_crews import Crews
from amends_demo.actions.staff import Staff, add_staff
from amends_demo.actions.watch import Watch
from amends_demo.rules.comparison import Report
from amends_demo.rules.gates import UNTOLD, gated, less_given, notified_after_all, only_contacts
from amends_demo.rules.handling_days import evenings_between, sittings
from amends_demo.rules.scenario import TOLD_COMPLAIN_SHARE
from amends_demo.rules.showcase import Showcase
from amends_demo.rules.simulate import World
from amends_demo.rules.tables import DAY_MS

_KNOWN_BY = {"web": "operator_login", "app": "operator_login", "counter": "counter_document"}
_LANGUAGES = {"zh": "zh-hans", "en": "en"}
_EVERYTHING = 10_000


@dataclass(slots=True)
class DeskProgress:
    """What the desk has received and decided so far.

    receipts  by the keys of the world's contacts
    files     by the references of complaints
    watch     the weekly audit of notices
    crews     who mends the faults people report
    """

    loaded: Loaded
    handlers: Handlers
    complainants: Complainants
    sittings: list[int]
    watch: Watch
    crews: Crews
    receipts: dict[str, Receipt] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    lookout: Lookout | None = None


def play(
    world: World,
    *,
    staff: Staff | None = None,
    progress: Progress = quietly,
    gates: bool = False,
    lookout: bool = False,
) -> tuple[DeskProgress, Report]:
    """Load `world`, let its weeks pass, and compare what was decided with what is true.

    staff  who decides by hand; created here when left out
    gates  orders of partners go through the gate of confirmations, nothing goes past the reminder
           engine, and what was charged without its notice is given back every week
    lookout  hot issues are looked for as the days pass
    """
    give_back()
    loaded = load(world, progress=progress, gates=gates)
    desk = set_up(loaded, staff or add_staff())
    desk.lookout = Lookout(world.scenario.end_ms) if lookout else None
    days = (world.scenario.end_ms - world.scenario.start_ms) // DAY_MS
    for day in run(desk):
        progress("days", day, days)
    desk.loaded = _as_it_went(desk, world)
    return desk, judge(desk.loaded.world, desk.receipts, desk.files)


def put_away(desk: DeskProgress) -> None:
    """Let go of the world's facts and usage: they are in the ledger and in files, where audits read
    them, and would only take room beside these."""
    world = desk.loaded.world
    slim = replace(world, facts={}, usage=world.usage.schema.empty_table())
    desk.loaded.meter.put_away(slim)
    desk.loaded = replace(desk.loaded, world=slim, feeds=Feeds(world.scenario, {}))
    give_back()


def _as_it_went(desk: DeskProgress, open_world: World) -> Loaded:
    """The world without the contacts that never came, and what gates made of it."""
    world = less_given(only_contacts(desk.loaded.world, desk.receipts), _given_first(desk))
    world = notified_after_all(world, _notified_in_time(desk))
    before, meter = desk.loaded.gates, desk.loaded.meter
    gates = gated(
        world,
        open_world=open_world,
        closed=before.closed,
        refused=before.refused,
        notified=len(desk.watch.notified),
        stopped=len(meter.stopped),
        usage=_counted(meter),
        adverts=before.adverts,
        spared=before.spared,
    )
    return replace(desk.loaded, world=world, gates=gates)


def _counted(meter: Meter) -> dict[str, int]:
    """What the engine made of the usage: records, by treatment, notices and holds."""
    treatments = {name: count for name, count in sorted(meter.treatments.items()) if count}
    return {"records": meter.records, "notices": meter.notices, "holds": meter.held} | treatments


def _notified_in_time(desk: DeskProgress) -> set[str]:
    """The contacts about an allowance used up of people who were told, where gates are closed."""
    return {
        key
        for key, receipt in desk.receipts.items()
        if _was_notified(desk, desk.files[receipt.complaint].contact)
    }


def _was_notified(desk: DeskProgress, row: Mapping[str, Any]) -> bool:
    """Whether the engine told what in the open world nobody would have."""
    notified = desk.loaded.meter.notified if desk.loaded.meter.closed else {}
    return row["role"] == "overage_untold" and row["service"] in notified


def _given_first(desk: DeskProgress) -> dict[str, int]:
    """Contact → what the audit had given back before the desk decided its complaint."""
    minor_by_key: dict[str, int] = {}
    notified = desk.watch.notified
    for key, receipt in desk.receipts.items():
        file = desk.files[receipt.complaint]
        if file.stranger or file.contact["role"] not in UNTOLD:
            continue
        at_ms, minor = notified.get(desk.loaded.pseudonyms[file.contact["subscriber"]], (0, 0))
        if minor and (file.settled_ms is None or file.settled_ms > at_ms):
            minor_by_key[key] = minor
    return minor_by_key


def set_up(loaded: Loaded, staff: Staff) -> DeskProgress:
    """A desk with nothing on it."""
    world = loaded.world
    start_ms, end_ms = world.scenario.start_ms, world.scenario.end_ms
    moments = sittings(start_ms, end_ms, world.contacts["received_ms"].to_pylist())
    for_handlers, showcase = Agenda(), Showcase(end_ms)
    complainants = Complainants(
        end_ms=end_ms, sittings=moments, for_handlers=for_handlers, showcase=showcase
    )
    handlers = Handlers(
        actors=staff.actors,
        end_ms=end_ms,
        complainants=complainants,
        agenda=for_handlers,
        showcase=showcase,
    )
    watch = Watch(staff.actors, gives_back=loaded.gates.closed)
    crews = Crews(staff.actors["handler"], world.seed)
    return DeskProgress(
        loaded=loaded,
        handlers=handlers,
        complainants=complainants,
        sittings=moments,
        watch=watch,
        crews=crews,
    )


def run(desk: DeskProgress) -> Iterator[int]:
    """Let the world's days pass, a sitting of the desk at a time; yields the days gone by."""
    world = desk.loaded.world
    start_ms, end_ms = world.scenario.start_ms, world.scenario.end_ms
    contacts = [
        row | {"row": _number(row)} | truth
        for row, truth in zip(
            world.contacts.to_pylist(),
            world.truth.select(["complaint", "codes", "role", "contact_of", "service"]).to_pylist(),
            strict=True,
        )
    ]
    desk.loaded.feeds.deliver(until_ms=start_ms, now=from_ms(start_ms))
    came_ms = [row["received_ms"] for row in contacts]
    since_ms, position = start_ms, 0
    for until_ms in (*desk.sittings, end_ms):
        if desk.lookout is not None:
            for evening_ms in evenings_between(since_ms, until_ms):
                last = bisect_left(came_ms, evening_ms)
                _come_in(desk, contacts[position:last], evening_ms)
                desk.lookout.look(evening_ms)
                position = last
        last = bisect_left(came_ms, until_ms)
        _sit_down(desk, contacts[position:last], since_ms, until_ms)
        if desk.lookout is not None:
            desk.lookout.look(until_ms)
        since_ms, position = until_ms, last
        yield (until_ms - start_ms) // DAY_MS


def _number(contact: dict[str, Any]) -> int:
    """The contact's place in the world without gates, on which its own chance hangs."""
    return int(contact["key"].rpartition("-")[2])


@transaction.atomic
def _come_in(desk: DeskProgress, contacts: list[dict[str, Any]], until_ms: int) -> None:
    """People write and feeds deliver, also on days on which nobody sits down."""
    now, meter = from_ms(until_ms), desk.loaded.meter
    with atomic_without_savepoints():
        if meter.closed:
            # Who was told, or held, does not write.
            meter.count(until_ms)
            desk.loaded.feeds.never_charged(meter.stopped_by_ref())
        _receive(desk, contacts, now)
        listen(contacts, seed=desk.loaded.world.seed, now=now)
        desk.loaded.feeds.deliver(until_ms=until_ms, now=now)


@transaction.atomic
def _sit_down(
    desk: DeskProgress, contacts: list[dict[str, Any]], since_ms: int, until_ms: int
) -> None:
    """What happens between two sittings, in one transaction: nobody else writes meanwhile.

    After the last sitting people still write and time still passes, but nobody works.
    """
    now = from_ms(until_ms)
    part_ms = (until_ms - since_ms) // 100
    meter = desk.loaded.meter
    with atomic_without_savepoints():
        meter.count(until_ms)
        desk.loaded.feeds.never_charged(meter.stopped_by_ref())
        _receive(desk, contacts, now)
        desk.crews.work(until_ms)
        if desk.lookout is not None:
            listen(contacts, seed=desk.loaded.world.seed, now=now)
        desk.loaded.feeds.deliver(until_ms=until_ms, now=now)
        meter.tell_the_rest(now)
        desk.watch.look(until_ms)
    if until_ms in desk.sittings:
        desk.complainants.speak(until_ms=until_ms, at_ms=since_ms + part_ms)
        desk.handlers.work(until_ms=until_ms, at_ms=since_ms + 2 * part_ms)
        _take_note(desk, process(now=now, limit=_EVERYTHING), until_ms)
        _book_refunds(now)
    else:
        desk.handlers.take_over()
    _pass_time(now)


def _receive(desk: DeskProgress, contacts: list[dict[str, Any]], now: datetime) -> None:
    """Receive contacts; each that opens a complaint gets its file."""
    contacts = [row for row in contacts if not _spared(desk, row)]
    receipts = receive_many([_submission(row) for row in contacts], now=now)
    seed = desk.loaded.world.seed
    for row, receipt in zip(contacts, receipts, strict=True):
        desk.receipts[row["key"]] = receipt
        if receipt.joined == "new":
            file = File(
                ref=receipt.complaint,
                contact=row,
                chance=np.random.default_rng([seed, 1, row["row"]]),
                wrong_class=receipt.code not in row["codes"].split(","),
                identified=row["identified_ms"] == row["received_ms"],
                due_ms=to_ms(receipt.due_at) if receipt.due_at else None,
                came_ms=row["received_ms"],
                answer_due=receipt.next_step == "resolve",
            )
            desk.files[file.ref] = file
            desk.crews.hear_of(file)
            desk.complainants.will_show_identity(file)


def _spared(desk: DeskProgress, row: dict[str, Any]) -> bool:
    """Whether what this person would complain of did not happen, or was made good before."""
    meter = desk.loaded.meter
    if not meter.closed or row["contact_of"] in desk.receipts:
        return False
    if row["role"] == "roaming_untold" and row["service"] in meter.stopped_by_ref():
        return True
    if _was_notified(desk, row):
        # Told and gone on, fewer complain: as many as of those whom the open world tells.
        chance = np.random.default_rng([desk.loaded.world.seed, 2, row["row"]])
        return bool(chance.random() >= TOLD_COMPLAIN_SHARE)
    return (
        row["role"] in UNTOLD and desk.loaded.pseudonyms[row["subscriber"]] in desk.watch.notified
    )


def _submission(row: dict[str, Any]) -> Submission:
    is_identified = row["identified_ms"] == row["received_ms"]
    return Submission(
        channel=row["channel"],
        key=row["key"],
        text=row["text"],
        received_at=from_ms(row["received_ms"]),
        name=row["name"],
        phone=row["phone"],
        email=row["email"],
        language=_LANGUAGES[row["language"]],
        identity=_KNOWN_BY.get(row["channel"], "challenge") if is_identified else "",
        urgent=bool(row["urgent"]),
    )


def _take_note(desk: DeskProgress, pipeline_run: PipelineRun, until_ms: int) -> None:
    """What the rules said of each complaint; those they did not settle wait for a handler."""
    settled = set(pipeline_run.settled)
    for ref, complaint_status in standings(
        [*pipeline_run.acknowledged, *pipeline_run.investigated]
    ).items():
        file = desk.files[ref]
        if complaint_status.state == "acknowledged":
            # Nobody investigates a question: a handler answers it.
            desk.handlers.wait_for(file, complaint_status, since_ms=until_ms)
            continue
        if file.settled_ms is None:
            file.verdict, file.amount_minor = (
                complaint_status.verdict,
                complaint_status.amount_minor,
            )
        if ref in settled:
            file.settled_ms = file.settled_ms or until_ms
            file.alone = not file.corrected
            file.granted_minor += complaint_status.amount_minor
            desk.complainants.hear(file, complaint_status.verdict, until_ms)
        else:
            desk.handlers.wait_for(file, complaint_status, since_ms=until_ms)


def _book_refunds(now: datetime) -> None:
    """Billing takes the approved remedies and books them."""
    _, rows = export(now=now)
    if rows:
        acknowledge([(row.remedy, f"booking-{row.remedy[-12:]}") for row in rows], now=now)


def _pass_time(now: datetime) -> None:
    """What time alone changes; again where there is more than one pass takes."""
    while True:
        clock_check = check_clocks(now=now)
        if (
            max(
                clock_check.warned,
                clock_check.breached,
                clock_check.adr_letters,
                clock_check.escalated,
                clock_check.lapsed,
                clock_check.asked,
                clock_check.closed,
            )
            < AT_ONCE
        ):
            return
