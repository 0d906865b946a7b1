"""One seed in, one world out: people, services, facts, contacts, and what is true of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

from amends.platform.kit.periods import to_ms
from amends_demo.rules import addons, lines, lookups, matters, metering, quality, usage
from amends_demo.rules.complaining import SimulatedContact, complain
from amends_demo.rules.coverage import SOURCES
from amends_demo.rules.handling_days import sittings
from amends_demo.rules.inhabitants import BROADBAND_SHARE, draw_areas, draw_subscribers
from amends_demo.rules.places import AREAS
from amends_demo.rules.scenario import Scenario, assign_roles, draw_scenario
from amends_demo.rules.stage import Stage
from amends_demo.rules.tables import table_digest
from amends_demo.rules.truth import Records, truth_of

MIN_SIZE = 200
_STREAMS = 10


@dataclass(frozen=True, slots=True)
class World:
    """A simulated operator. Tables are columns; people are named by their row number.

    subscribers  one row a person, with what he is registered with
    services     ref, subscriber, offer, kind, activated_ms
    facts        one table a kind: subscriber, subject, happened_at_ms, source and the payload
    contacts     messages in order of time: key, channel, received_ms, text and the sender
    truth        one row a contact: role, cause, when it befell them, codes, verdict, decidable,
                 amount, what it repeats
    usage        usage records in order of time, as `metering.COLUMNS`, each with its number
    marks        marks of use that must be told: duty, service, when, whether anything is in the way
    unenrolled   rows of the services nobody has enrolled where use is counted
    """

    seed: int
    size: int
    scenario: Scenario
    subscribers: pa.Table
    services: pa.Table
    facts: dict[str, pa.Table]
    contacts: pa.Table
    truth: pa.Table
    usage: pa.Table
    marks: pa.Table
    unenrolled: tuple[int, ...]

    def digest(self) -> str:
        """SHA-256 over everything in the world; the same seed gives the same digest."""
        tables = {
            "subscribers": self.subscribers,
            "services": self.services,
            "contacts": self.contacts,
            "truth": self.truth,
            "usage": self.usage,
            "marks": self.marks,
        }
        return table_digest(tables | {f"fact:{kind}": each for kind, each in self.facts.items()})


def simulate(*, size: int, seed: int, end: datetime, weeks: int = 26) -> World:
    """Make a world of `size` subscribers whose `weeks` weeks end at `end`.

    size   subscribers, at least 200, so that every trouble finds somebody
    seed   the only source of chance
    end    moment with a time zone; nothing in the world happens after it

    >>> from datetime import UTC, datetime
    >>> end = datetime(2026, 6, 1, tzinfo=UTC)
    >>> one, two = (simulate(size=200, seed=7, end=end) for _ in range(2))
    >>> one.digest() == two.digest()
    True
    """
    if size < MIN_SIZE:
        raise ValueError(f"A world needs at least {MIN_SIZE} subscribers.")
    chances = [np.random.default_rng(each) for each in np.random.SeedSequence(seed).spawn(_STREAMS)]
    end_ms = to_ms(end)
    start_ms = to_ms(end - timedelta(weeks=weeks))
    scenario = draw_scenario(chances[0], start_ms=start_ms, end_ms=end_ms)
    stage = _people_the_stage(chances[1], scenario, size)
    people = draw_subscribers(chances[2], area_rows=stage.area_rows)
    lines.publish_offers(stage)
    lines.open_main_lines(stage, chances[3])
    lines.open_broadband(stage, chances[4])
    addons.sell_addons(stage, chances[5])
    usage.use_data(stage, chances[6])
    usage.travel(stage, chances[6])
    metering.meter_at_home(stage, chances[6].spawn(1)[0])
    metering.join_at_borders(stage, chances[6].spawn(1)[0])
    quality.measure(stage, chances[7])
    lookups.look(stage, chances[8])
    matters.add_plain_matters(stage, chances[8])
    facts = _on_record(stage)
    metering.add_charges(stage, facts["ChargeMade"])
    marks = metering.marks_table(stage)
    contacts = complain(stage, people, chances[9])
    return World(
        seed=seed,
        size=size,
        scenario=scenario,
        subscribers=people,
        services=stage.services.table(),
        facts=facts,
        contacts=_contact_table(contacts),
        truth=_truth_table(contacts, facts, marks, scenario),
        usage=metering.usage_table(stage),
        marks=marks,
        unenrolled=tuple(stage.main_line[stage.roles["overage_untold"]].tolist()),
    )


def _people_the_stage(rng: np.random.Generator, scenario: Scenario, size: int) -> Stage:
    """Deal out lines, roles and areas, so that whoever has a line's trouble lives where it is."""
    has_broadband = rng.random(size) < BROADBAND_SHARE
    roles = assign_roles(rng, size=size, has_broadband=has_broadband)
    area_rows = draw_areas(rng, size=size)
    row_by_area = {area.ref: row for row, area in enumerate(AREAS)}
    area_rows[roles["line_degraded"]] = row_by_area[scenario.degraded_area]
    area_rows[roles["line_unmeasured"]] = row_by_area[scenario.uncovered_area]
    area_rows[roles["line_cut"]] = row_by_area[scenario.storm_area]
    troubled = (scenario.degraded_area, scenario.uncovered_area, scenario.storm_area)
    fine = [row for row, area in enumerate(AREAS) if area.ref not in troubled]
    healthy = roles["line_healthy"]
    area_rows[healthy] = np.array(fine)[rng.integers(len(fine), size=len(healthy))]
    area_rows[roles["outage"]] = np.array(fine[:3])[rng.integers(3, size=len(roles["outage"]))]
    return Stage(
        scenario=scenario, size=size, roles=roles, area_rows=area_rows, has_broadband=has_broadband
    )


def _on_record(stage: Stage) -> dict[str, pa.Table]:
    """The facts that reached the records: none of the future, none lost in a feed's gap."""
    scenario = stage.scenario
    recorded_tables: dict[str, pa.Table] = {}
    for kind, table in stage.book.finish().items():
        at_ms = table["happened_at_ms"].to_numpy()
        mask = at_ms < scenario.end_ms
        if kind in SOURCES["confirmations"]:
            mask &= (at_ms < scenario.gap_from_ms) | (at_ms >= scenario.gap_to_ms)
        recorded_tables[kind] = table.filter(pa.array(mask))
    return recorded_tables


def _contact_table(contacts: list[SimulatedContact]) -> pa.Table:
    return pa.table(
        {
            "key": [_key(row) for row in range(len(contacts))],
            "received_ms": pa.array([each.received_ms for each in contacts], type=pa.int64()),
            "channel": [each.channel for each in contacts],
            "language": [each.author.language for each in contacts],
            "persona": [each.persona for each in contacts],
            "text": [each.text for each in contacts],
            "subscriber": pa.array([each.trouble.subscriber for each in contacts], type=pa.int64()),
            "name": [each.author.name for each in contacts],
            # Who writes a letter gives the mailbox, everybody else the number.
            "phone": ["" if each.channel == "mail" else each.author.phone for each in contacts],
            "email": [each.author.email if each.channel == "mail" else "" for each in contacts],
            "identified_ms": pa.array([each.identified_ms for each in contacts], type=pa.int64()),
            "urgent": pa.array([int(each.urgent) for each in contacts], type=pa.int64()),
        }
    )


def _key(row: int) -> str:
    return f"demo-{row:07d}"


def _truth_table(
    contacts: list[SimulatedContact],
    facts: dict[str, pa.Table],
    marks: pa.Table,
    scenario: Scenario,
) -> pa.Table:
    troubles = [each.trouble for each in contacts]
    records = Records(
        facts | {"mark": marks},
        scenario,
        services={each.service for each in troubles},
        people={each.subscriber for each in troubles},
        sittings=sittings(
            scenario.start_ms, scenario.end_ms, [each.received_ms for each in contacts]
        ),
    )
    answers = [truth_of(records, each.trouble, each.received_ms) for each in contacts]
    roles = [each.role for each in troubles]
    return pa.table(
        {
            "key": [_key(row) for row in range(len(contacts))],
            "role": roles,
            "cause": [matters.CAUSES.get(role, "") for role in roles],
            "service": [each.service for each in troubles],
            "began_ms": pa.array([each.trigger_ms for each in troubles], type=pa.int64()),
            "codes": [",".join(matters.MATTERS[role].codes) for role in roles],
            "verdict": [each.verdict for each in answers],
            "decidable": pa.array([int(each.decidable) for each in answers], type=pa.int64()),
            "amount_minor": pa.array([each.amount_minor for each in answers], type=pa.int64()),
            "contact_of": [_key(each.repeats) if each.repeats >= 0 else "" for each in contacts],
            "complaint": pa.array([int(role != "enquiry") for role in roles], type=pa.int64()),
        }
    )
