"""Which duties hold for which lines: overlays, users left out, and what one engine cannot hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from tests.rules.notices import engine_world as world

from amends.engines.duties.book import book
from amends.engines.duties.overlays import overlays
from amends.engines.metering.engine.advance import Memory
from amends.engines.metering.engine.calendar import Cycle
from amends.engines.metering.engine.compile import compile_rules
from amends.engines.metering.engine.layout import CHARGE, new_lines
from amends.engines.metering.engine.limits import limits_in_force
from amends.engines.metering.engine.marks import NEVER, MeteringPlan, UnableToCompile
from amends.platform.kit.packs import jurisdictions

DAY = date(2026, 11, 25)
PLANS = [MeteringPlan("p"), MeteringPlan("p", place="cn-41"), MeteringPlan("p", user="m2m")]


def compiled(jurisdiction: str):
    return compile_rules(
        book(jurisdiction, DAY).duties,
        plans=PLANS,
        cycles=[Cycle("Asia/Shanghai")],
        limits=limits_in_force(DAY),
        overlays={place: book(place, DAY).duties for place in overlays(jurisdiction).values()},
    )


@pytest.mark.parametrize("jurisdiction", jurisdictions())
def test_every_pack_compiles_with_the_overlays_laid_over_it(jurisdiction: str) -> None:
    rules = compiled(jurisdiction)
    assert len({mark.name for mark in rules.marks}) == len(rules.marks) <= 32


def test_a_line_has_the_marks_of_its_place_and_no_others() -> None:
    rules = compiled("cn")
    concerned = {
        mark.duty: (rules.thresholds[:2, at] != NEVER).tolist()
        for at, mark in enumerate(rules.marks)
        if mark.kind == "times_mean"
    }
    assert concerned == {"cn.abnormal": [True, False], "cn-41.abnormal": [False, True]}


def test_whom_a_rule_leaves_out_has_no_mark_of_it() -> None:
    rules = compiled("eu")
    left = {
        mark.duty
        for at, mark in enumerate(rules.marks)
        if rules.thresholds[2, at] == NEVER and rules.thresholds[0, at] != NEVER
    }
    named = {duty.id for duty in book("eu", DAY).duties if "m2m" in duty.exempt}
    assert left <= named
    assert "eu.roam.entry_data" in left


def test_three_times_the_mean_is_told_in_henan_alone() -> None:
    rules = compiled("cn")
    memory = Memory(new_lines(np.arange(3), np.zeros(3, np.int64)), {})
    notified = []
    for month in range(4):
        columns, day = world.Columns(), month * 31
        for line in range(3):
            columns.use(
                line,
                world.START_MS + day * world.DAY,
                CHARGE,
                charge=4000 if month == 3 else 1000,
                record=3 * month + line,
            )
        found, _, memory = world.run(rules, memory, columns.batch(), day=day + 1)
        notified += [
            (int(one["line"]), rules.marks[one["step"]].duty)
            for one in found
            if rules.marks[one["step"]].kind == "times_mean"
        ]
    assert notified == [(1, "cn-41.abnormal")]


def test_caps_on_all_charges_and_on_data_are_refused_together_by_name() -> None:
    first = next(one for one in world.DUTIES if one.id == "roaming")
    second = replace(first, id="of_all", counters=("money",))
    with pytest.raises(UnableToCompile) as refused:
        world.rules((first, second))
    assert "of_all counts every charge abroad, roaming those of data" in refused.value.what
    assert "64 bytes" in refused.value.meaning
    assert "docs/duties.md" in refused.value.next_step


def test_an_overlay_may_not_change_a_duty_under_its_own_name() -> None:
    duties = book("cn", DAY).duties
    changed = [replace(one, wait_h=one.wait_h + 1) for one in duties]
    with pytest.raises(UnableToCompile, match="what it does not say"):
        compile_rules(
            duties,
            plans=PLANS,
            cycles=[Cycle("UTC")],
            limits=limits_in_force(DAY),
            overlays={"cn-41": changed},
        )


def test_the_stricter_figure_holds_and_both_are_known() -> None:
    henan = book("cn-41", DAY)
    national = henan.national_duty_of("cn-41.abnormal")
    assert national is not None
    assert (henan.find("cn-41.abnormal").steps[0].value, national.steps[0].value) == (3, 5)
    zhejiang = book("cn-33", DAY).find("cn-33.contract_end")
    assert (zhejiang.lead.latest.amount, zhejiang.lead.earliest.amount) == (10, 15)
    assert henan.find("cn.abnormal") is None
