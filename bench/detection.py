"""Measure detection: `nice python bench/detection.py [--seed 11] [--series 100]`.

Draws the 42 scenarios of Noufaily et al. (2013) with the generator of the shared folder
(AMENDS_SHARED, bench/noufaily.py) and measures, in one process:

- speed of the full fit and tail, one core, in CPU seconds; a million cells for one week, two threads
- beside R's `surveillance` where Rscript is installed (`--judge N` series): speed, p-values, alarms
- the whole command `amends hotissues scan`, file to answer, beside R (`--only command`)
- probability of detection at the false episodes that `scan` states, and the false ones it really had
- the same threshold-free (at exactly 0.45 false episodes) for three outbreak shapes
- realised false-discovery share of lists of cells at nominal 0.1
- a threefold rise of an hourly topic
- a twofold Spring Festival: share of its weeks, days, hours in alarm beside that of others
- verdicts on measures with and without effect

Prints one JSON document. Load of the machine stands with it.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter, process_time

# One core: read by NumPy when it is loaded, so the imports stand below.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402 (threads are set above)
from scipy.stats import nbinom, norm, poisson  # noqa: E402 (threads are set above)

from amends.engines.detection.baseline import golden_weeks  # noqa: E402 (threads are set above)
from amends.engines.detection.baseline.farrington import p_values  # noqa: E402 (threads are set above)
from amends.engines.detection.calibration import episodes  # noqa: E402 (threads are set above)
from amends.engines.detection.effect import effect  # noqa: E402 (threads are set above)
from amends.engines.detection.evidence import FRESH  # noqa: E402 (threads are set above)
from amends.engines.detection.false_discovery_rate import discoveries  # noqa: E402 (threads are set above)
from amends.engines.detection.issues import issues  # noqa: E402 (threads are set above)
from amends.engines.detection.permutation_test import permuted  # noqa: E402 (threads are set above)
from amends.engines.detection.scan import scan  # noqa: E402 (threads are set above)
from amends.engines.detection.sequential_test import watch  # noqa: E402 (threads are set above)

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("AMENDS_SHARED", ROOT.parent / "shared")) / "bench"
MONDAY = date(2010, 1, 4)
LAST, AWAIT = 49, 0.45
WEEK, HOURLY_DISPERSION, NEVER = 168, 1.5, 10_000
RHO, SHOCK, BEFORE = 0.6, 0.08, 104
SHAPES = {"burst of three weeks": None, "two days": [1.0], "eight weeks": [0.125] * 8}


def generator():
    """The shared generator, loaded by its path."""
    path = SHARED / "noufaily.py"
    if not path.exists():
        sys.exit(f"{path} is not there: AMENDS_SHARED names the folder of shared test data.")
    spec = importlib.util.spec_from_file_location("noufaily", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def draw(noufaily, series, seed, size=5.0):
    """Counts without and with the outbreak of the last weeks, weeks x series."""
    quiet, cases = [], []
    for scenario in range(1, 43):
        y, o = noufaily.generate(scenario, series, 3, size, seed)
        quiet.append(y)
        cases.append(o)
    stack = (np.vstack(each).T.astype(np.int32).copy() for each in (quiet, cases))
    return tuple(stack)


def reshaped(cases, shape, seed):
    """The same outbreaks with their cases spread by another shape from the same first week."""
    if shape is None:
        return cases
    rng = np.random.default_rng(seed)
    found = np.zeros_like(cases)
    for column in np.flatnonzero(cases.sum(axis=0)):
        first = int(np.flatnonzero(cases[:, column])[0])
        room = min(len(shape), cases.shape[0] - first)
        weeks = rng.multinomial(cases[:, column].sum(), shape)[:room]
        found[first : first + room, column] = weeks
    return found


def at_rate(null, values, truth, noufaily):
    """Scores at exactly the awaited false episodes."""
    low, high = -5.0, 40.0
    want = AWAIT * null.size / 52
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if episodes(null > middle) > want else (low, middle)
    score = noufaily.score((values > high).T, (null > high).T, truth.T)
    return {name: round(score[name], 3) for name in ("POD", "POD1", "delay", "FPR")}


def quality(noufaily, series, seed):
    """Detection as stated by `scan`, and at exactly the awaited rate."""
    found = {}
    for size in (5.0, 7.0):
        quiet, cases = draw(noufaily, series, seed, size)
        calm = scan(quiet, last=LAST, false_per_series_year=AWAIT, workers=2)
        shapes = SHAPES if size == 5.0 else {"burst of three weeks": None}
        for name, shape in shapes.items():
            truth = reshaped(cases, shape, seed)
            struck = scan(
                quiet + truth.astype(np.int32), last=LAST, false_per_series_year=AWAIT, workers=2
            )
            score = noufaily.score(struck.alarms.T, calm.alarms.T, truth[-LAST:].T)
            tails = (
                p_values(quiet, range(575, 624)),
                p_values(quiet + truth.astype(np.int32), range(575, 624)),
            )
            surprise = [-np.log(np.maximum(each, 1e-300)) for each in tails]
            found[f"k={size:g}, {name}"] = {
                "POD": round(score["POD"], 3),
                "POD1": round(score["POD1"], 3),
                "delay_weeks": round(score["delay"], 2),
                "stated_false": round(calm.calibration.expected, 3),
                "realised_false": round(episodes(calm.alarms) / calm.alarms.size * 52, 3),
                "at_exactly_0.45": at_rate(calm.evidence, struck.evidence, truth[-LAST:], noufaily),
                "improved_farrington_at_0.45": at_rate(*surprise, truth[-LAST:], noufaily),
            }
    return found


def discovery(noufaily, series, seed):
    """Realised share of false cells in weekly lists at nominal 0.1."""
    quiet, cases = draw(noufaily, series, seed)
    struck = quiet + cases.astype(np.int32)
    found = scan(struck, last=LAST, alternatives=FRESH, workers=2)
    hits = np.array([discoveries(each, found.null, share=0.1) for each in found.evidence])
    truth = cases[-LAST:] > 0
    false, named, caught = int((hits & ~truth).sum()), int(hits.sum()), (hits & truth).any(axis=0)
    there = cases[-LAST:].sum(axis=0) > 0
    return {
        "named_a_week": round(named / LAST, 1),
        "false_share": round(false / max(named, 1), 3),
        "POD": round(float(caught[there].mean()), 3),
    }


def speed(noufaily, seed):
    """Series-weeks a CPU second of the full fit with tail, one core; a million cells, two threads."""
    quiet, _ = draw(noufaily, 100, seed)
    p_values(quiet[:, :64], [600], start=MONDAY)
    best = 0.0
    for _ in range(3):
        began = process_time()
        p_values(quiet, range(600, 605), start=MONDAY)
        best = max(best, 5 * quiet.shape[1] / (process_time() - began))
    many = np.tile(quiet[-265:].astype(np.int16), (1, 239))[:, :1_000_000]
    p_values(many[:, :4_200], [264])  # compiles for 16 bits, those at the threshold too
    began, cpu = perf_counter(), process_time()
    p_values(many, [264], workers=2)
    wall, cpu = perf_counter() - began, process_time() - cpu
    return {
        "series_weeks_per_cpu_s": round(best),
        "million_cells_s": round(wall, 2),
        "million_cells_cpu_s": round(cpu, 2),
    }


def judge(noufaily, series, seed):
    """R on the same counts: its speed, its p-values, its alarms."""
    if not shutil.which("Rscript"):
        return "not measured: Rscript is not installed"
    quiet, cases = draw(noufaily, -(-series // 42), seed)
    struck = (quiet + cases.astype(np.int32))[:, :: max(quiet.shape[1] // series, 1)][:, :series]
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder) / "counts.csv"
        with counts.open("w", newline="") as file:
            csv.writer(file).writerows([[f"s{n}" for n in range(series)], *struck.tolist()])
        subprocess.run(
            [
                "Rscript",
                str(SHARED / "farrington_baseline.R"),
                str(counts),
                f"{folder}/r",
                "farringtonFlexible",
                "0.01",
            ],
            check=True,
            capture_output=True,
        )
        theirs = np.loadtxt(f"{folder}/r_farringtonFlexible_p.csv", delimiter=",", skiprows=1)
        with Path(f"{folder}/r_timing.csv").open() as file:
            timing = next(csv.DictReader(file))
    p_values(struck[:, :1], [600], start=MONDAY)  # compiles
    began = process_time()
    ours = p_values(struck, range(575, 624), start=MONDAY)
    rate = ours.size / (process_time() - began)
    off = np.abs(ours - theirs)
    return {
        "series": series,
        "r_per_cpu_s": float(timing["per_cpu_s"]),
        "ours_per_cpu_s": round(rate),
        "largest_difference": float(f"{off.max():.2g}"),
        "differ_by_more_than_1e-4": int((off > 1e-4).sum()),
        "alarms_that_differ": int(((ours <= 0.01) != (theirs <= 0.01)).sum()),
        "of": int(off.size),
    }


def command(noufaily, seed, sizes=(100, 250, 500)):
    """The whole command, file to answer, beside R on the same kind of series in the same run.

    sizes  series of each of the 42 scenarios; processor's seconds, the start of Python included
    """
    if not shutil.which("Rscript"):
        return "not measured: Rscript is not installed"
    amends = Path(sys.executable).with_name("amends")
    found = {"r_per_cpu_s": judge(noufaily, 20, seed)["r_per_cpu_s"]}
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            quiet, cases = draw(noufaily, size, seed)
            struck = quiet + cases.astype(np.int32)
            series = struck.shape[1]
            counts, alarms = Path(folder) / f"{series}.csv", Path(folder) / f"{series}.alarms.csv"
            with counts.open("w", newline="") as file:
                csv.writer(file).writerows([[f"s{n}" for n in range(series)], *struck.tolist()])
            before, began = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
            subprocess.run(
                [
                    amends,
                    "hotissues",
                    "scan",
                    counts,
                    "--last",
                    str(LAST),
                    "--alarms",
                    alarms,
                    "--json",
                ],
                check=True,
                capture_output=True,
            )
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            found[f"{series} series"] = {
                "wall_s": round(perf_counter() - began, 1),
                "cpu_s": round(cpu, 1),
                "times_r": round(series * LAST / cpu / found["r_per_cpu_s"]),
            }
    return found


def hour_of_week(hours):
    """Mean of each hour: a day with its peak in the afternoon, weekends lower; 1 in the mean."""
    mean = 1.0 + 0.6 * np.sin(2 * np.pi * (np.arange(hours) % 24 - 8) / 24)
    mean *= np.where(np.arange(hours) // 24 % 7 < 5, 1.1, 0.75)
    return mean / mean[:WEEK].mean()


def spread_out(rng, mean):
    """Counts of variance 1.5 times their mean, each hour by itself."""
    return rng.poisson(rng.gamma(mean / (HOURLY_DISPERSION - 1), HOURLY_DISPERSION - 1))


def delays(alarms, starts, skipped):
    """Hours from the start of each topic's rise to its first alarm."""
    rows = np.arange(alarms.shape[0])[:, None] + skipped
    hot = np.where(alarms & (rows >= starts), rows - starts, NEVER).min(axis=0)
    return {
        "found_within_12_h": round(float((hot < 12).mean()), 3),
        "found_within_24_h": round(float((hot < 24).mean()), 3),
        "median_h": float(np.median(hot + 1)),
    }


def hourly(topics, seed):
    """A threefold rise on topics of one an hour, seasonal and over-dispersed, from any hour on.

    spread        over all of a topic's areas
    one_area      all of it in one of ten areas, of which each is a cell beside the topic
    no_rule_can_find_more  the most powerful test of the hours since the rise began (Neyman and Pearson
                  1933) that knows all of that and when it may have begun, at the chance with which
                  a rule of one false alarm a week over 1,000 topics alarms in so many hours
    not_even_of_steady_poisson_counts  the same where the topic has no season and no more spread than
                  Poisson's: no noise could be less
    ceiling       the CUSUM that knows means, dispersion and size of the rise (Moustakides 1986, Ann
                  Stat 14:1379-1387: none with as few false alarms is faster in the worst case)
    """
    rng = np.random.default_rng(seed)
    hours = 13 * WEEK
    mean = np.repeat(hour_of_week(hours)[:, None], topics, axis=1)
    quiet = spread_out(rng, mean).astype(np.int32)
    starts = rng.integers(hours - WEEK, hours - 24, topics)
    risen = np.arange(hours)[:, None] >= starts
    struck = quiet + spread_out(rng, 2 * mean * risen + 1e-12).astype(np.int32)
    asked = 52.18 / 1000
    calm = scan(quiet, last=WEEK, period="hour", false_per_series_year=asked, workers=2)
    found = scan(struck, last=WEEK, period="hour", false_per_series_year=asked, workers=2)
    return {
        "topics": topics,
        **delays(found.alarms, starts, hours - WEEK),
        "false_a_week_per_1000_topics": round(
            len(issues(calm.alarms, period="hour")) * 1000 / topics, 2
        ),
        "one_area": one_area(max(topics // 10, 20), seed),
        "ceiling": oracle(struck[-2 * WEEK :], mean[-2 * WEEK :], starts - hours + 2 * WEEK, seed),
        "no_rule_can_find_more": {
            f"within_{size}_h": most_powerful(size, seed) for size in (12, 24)
        },
        "not_even_of_steady_poisson_counts": {
            f"within_{size}_h": of_steady_poisson(size) for size in (12, 24)
        },
    }


def festival(seed):
    """A Spring Festival of twice the complaints, means 1 to 100 a week, a day, an hour.

    in_festival, elsewhere  share of series and periods in alarm
    blind                   the same of the festival where it is not known to be one
    episodes_a_year         runs of alarms that began in festivals, a series and year of them; `asked`
    """
    found = {}
    for period, years, last, cells in (
        ("week", 3, 40, 300),
        ("week", 9, 40, 300),
        ("day", 1, 120, 100),
        ("day", 3, 120, 100),
        ("hour", 1, 8 * WEEK, 40),
        ("hour", 1, 8 * WEEK, 8),
    ):
        for mean in (1.0, 3.0, 20.0, 100.0):
            found[f"{period}s, {years} earlier, {cells} series, mean {mean:g}"] = one_festival(
                period, years, last, cells, mean, seed
            )
    return found


def one_festival(period, years, last, cells, mean, seed):
    """The festival of 2026 after `years` earlier ones; the counts end on 9 March 2026."""
    a_year = {"week": 52.18, "day": 365.25, "hour": 8766.0}[period]
    step = {"week": timedelta(weeks=1), "day": timedelta(days=1), "hour": timedelta(hours=1)}
    first = date(2026, 3, 9) - timedelta(weeks=round(52.18 * years) + 9)
    size = (date(2026, 3, 9) - first) // timedelta(weeks=1) * {"week": 1, "day": 7}.get(period, 168)
    middle = timedelta(days=3 if period == "week" else 0)
    hours = step[period] // timedelta(hours=1)
    days = [
        first + middle + timedelta(hours=n * hours) // timedelta(days=1) * timedelta(days=1)
        for n in range(size)
    ]
    special = (golden_weeks.places if period == "week" else golden_weeks.days_of)(days)
    shape = hour_of_week(size) / hour_of_week(WEEK).mean() if period == "hour" else np.ones(size)
    means = (mean * shape * np.where(special > 0, 2.0, 1.0))[:, None]
    rng = np.random.default_rng(seed)
    counts = spread_out(rng, np.repeat(means, cells, axis=1)).astype(np.int32)
    wishes = {"last": last, "period": period, "start": first, "workers": 2}
    learnt = scan(counts, special=special, **wishes)
    blind = scan(counts, **wishes)
    there = special[-last:] > 0
    began = learnt.alarms[1:] & ~learnt.alarms[:-1]
    return {
        "in_festival": round(float(learnt.alarms[there].mean()), 5),
        "elsewhere": round(float(learnt.alarms[~there].mean()), 5),
        "blind": round(float(blind.alarms[there].mean()), 5),
        "episodes_a_year": round(float(began[there[1:]].sum() / (there.sum() * cells) * a_year), 2),
        "asked": AWAIT,
    }


def most_powerful(size, seed, runs=200_000):
    """Its power; the far tail without a rise is told from draws with one (importance sampling)."""
    rng = np.random.default_rng(seed + 2)
    over = HOURLY_DISPERSION - 1
    hours = (rng.integers(0, WEEK, runs)[:, None] + np.arange(size)) % WEEK
    mean = hour_of_week(WEEK)[hours]
    counts = spread_out(rng, mean) + spread_out(rng, 2 * mean)
    three, one = (nbinom.logpmf(counts, k * mean / over, 1 / HOURLY_DISPERSION) for k in (3, 1))
    ratio = np.sort((three - one).sum(axis=1))[::-1]
    by_chance = np.cumsum(np.exp(-ratio)) / runs
    return round(float(np.searchsorted(by_chance, size / (1000 * WEEK)) / runs), 3)


def of_steady_poisson(size):
    """Power of the most powerful test of one an hour against three, at the same chance, exactly."""
    chance = size / (1000 * WEEK)
    least = int(poisson.isf(chance, size)) + 1
    share = (chance - poisson.sf(least - 1, size)) / poisson.pmf(least - 1, size)
    found = poisson.sf(least - 1, 3 * size) + share * poisson.pmf(least - 1, 3 * size)
    return round(float(found), 3)


def one_area(topics, seed):
    """The same rise in one of ten areas; each topic and each of its areas is a cell."""
    rng = np.random.default_rng(seed)
    hours = 13 * WEEK
    mean = hour_of_week(hours)[:, None, None] / 10.0
    areas = spread_out(rng, np.broadcast_to(mean, (hours, topics, 10))).astype(np.int32)
    starts = rng.integers(hours - WEEK, hours - 24, topics)
    risen = np.arange(hours)[:, None] >= starts
    more = spread_out(rng, 20 * mean[:, :, 0] * risen + 1e-12).astype(np.int32)
    cells = []
    for rise in (0 * more, more):
        struck = areas.copy()
        struck[:, :, 0] += rise
        cells.append(np.concatenate([struck.sum(axis=2), struck.reshape(hours, -1)], axis=1))
    asked = 52.18 / 11_000
    calm, found = (
        scan(
            each.astype(np.int32), last=WEEK, period="hour", false_per_series_year=asked, workers=2
        )
        for each in cells
    )
    by_topic = found.alarms[:, :topics] | found.alarms[:, topics:].reshape(WEEK, topics, 10).any(2)
    return {
        "topics": topics,
        **delays(by_topic, starts, hours - WEEK),
        "false_a_week_per_1000_topics": round(
            len(issues(calm.alarms, period="hour")) * 1000 / topics, 2
        ),
    }


def oracle(struck, mean, starts, seed):
    """CUSUM of the true log likelihood ratio at one false alarm in 168,000 topic hours."""
    rng = np.random.default_rng(seed + 1)
    over = HOURLY_DISPERSION - 1

    def gain(y, m):
        three, one = (nbinom.logpmf(y, k * m / over, 1 / HOURLY_DISPERSION) for k in (3, 1))
        return three - one

    def path(counts, means):
        level, told = np.zeros(counts.shape[1]), []
        for y, m in zip(counts, means, strict=True):
            level = np.maximum(level, 0) + gain(y, m)
            told.append(level)
        return np.array(told)

    long = np.repeat(hour_of_week(10 * WEEK)[:, None], 2_000, axis=1)
    null = path(spread_out(rng, long), long)
    levels = np.arange(6.0, 16.0, 0.1)
    false = np.array([episodes(null > level) for level in levels]) / null.size * 168_000
    threshold = float(levels[np.argmax(false <= 1.0)])
    return delays(path(struck, mean) > threshold, starts, 0)


def weekly(rng, kind, weeks, after, drop):
    """200 treated and 600 control complaints a week; AR(1) noise, rho 0.6, standard deviation 0.1."""
    level = np.exp(0.3 * np.cos(2 * np.pi * weeks / 52) + 0.002 * weeks)
    shocks = np.zeros((2, weeks.size))
    for week in range(1, weeks.size):
        shocks[:, week] = RHO * shocks[:, week - 1] + rng.normal(0, SHOCK, 2)
    own = {"none": (0, 0), "shared": (0, 0), "not shared": (0, 1)}[kind]
    noise = [np.exp(shocks[o]) if kind != "none" else 1.0 for o in own]
    means = 200 * level * np.where(after, 1 - drop, 1.0) * noise[0], 600 * level * noise[1]
    return (rng.poisson(rng.gamma(m / 0.5, 0.5)).astype(float) for m in means)


def verdicts(runs, seed):
    """How often a measure without effect is called one, and a drop of a tenth is; 26 weeks after.

    anytime: the verdict of those who look every week, for 52 weeks
    """
    weeks = np.arange(156)
    after, half = weeks >= BEFORE, slice(0, BEFORE + 26)
    found = {}
    for kind in ("none", "shared", "not shared"):
        rng = np.random.default_rng(seed)
        works, looked, shown, placebo = [0, 0], [0, 0], [], 0
        for run in range(2 * runs):
            treated, control = weekly(rng, kind, weeks, after, 0.1 * (run % 2))
            judged = effect(treated[half], after[half], control=control[half])
            works[run % 2] += judged.verdict == "works"
            seen = watch(treated, after, control=control).shown_after
            looked[run % 2] += seen is not None
            if run % 2:
                shown.append(seen or np.inf)
            elif run < 400:
                placebo += permuted(treated[half], after[half], cycle=52.0).p <= 0.05
        found[kind] = {
            "false_works": works[0] / runs,
            "found": works[1] / runs,
            "anytime_false_works": looked[0] / runs,
            "anytime_found_within_26_weeks": float(np.mean(np.array(shown) <= 26)),
            "anytime_found": looked[1] / runs,
            "anytime_median_weeks": float(np.median(shown))
            if np.isfinite(np.median(shown))
            else None,
            "check_false_at_5_percent": placebo / min(runs, 200),
        }
    found["ceiling, noise not shared"] = ceilings()
    return found


def ceilings():
    """Power at 5 % of the best linear test that knows the noise exactly (generalised least squares).

    Against the control, the noise of both counts; without it, season and trend would have to be
    known to the last digit, which nobody does.
    """
    weeks = np.arange(BEFORE + 26)
    gap = np.abs(weeks[:, None] - weeks)
    process = (SHOCK**2 / (1 - RHO**2)) * RHO**gap
    counting = 1.5 / 200.0
    step = np.column_stack([np.ones(weeks.size), weeks >= BEFORE]).astype(float)
    found = {}
    for name, noise, counts in (
        ("against_control", 2.0, counting * 4 / 3),
        ("own_season_and_trend_known", 1.0, counting),
    ):
        covariance = noise * process + counts * np.eye(weeks.size)
        information = step.T @ np.linalg.solve(covariance, step)
        error = np.sqrt(np.linalg.inv(information)[1, 1])
        found[name] = round(float(norm.cdf(-np.log(0.9) / error - norm.isf(0.05))), 3)
    return found


def main() -> None:
    """Measure and print."""
    reader = argparse.ArgumentParser(description="Measure detection.")
    reader.add_argument("--seed", type=int, default=11)
    reader.add_argument("--series", type=int, default=100, help="series a scenario")
    reader.add_argument("--judge", type=int, default=20, help="series R is asked about")
    reader.add_argument("--topics", type=int, default=1_000)
    reader.add_argument("--runs", type=int, default=500, help="runs of the effect test")
    reader.add_argument("--only", default="", help="comma list of parts")
    asked = reader.parse_args()
    wished = asked.only.split(",") if asked.only else []
    noufaily = (
        generator()
        if not wished or {"speed", "judge", "command", "quality", "discovery"} & {*wished}
        else None
    )
    parts = {
        "speed": lambda: speed(noufaily, asked.seed),
        "judge": lambda: judge(noufaily, asked.judge, asked.seed),
        "command": lambda: command(noufaily, asked.seed),
        "quality": lambda: quality(noufaily, asked.series, asked.seed),
        "discovery": lambda: discovery(noufaily, asked.series, asked.seed),
        "hourly": lambda: hourly(asked.topics, asked.seed),
        "festival": lambda: festival(asked.seed),
        "effect": lambda: verdicts(asked.runs, asked.seed),
    }
    wished = wished or list(parts)
    figures = {"seed": asked.seed, "load": list(os.getloadavg())}
    for name in wished:
        figures[name] = parts[name]()
    if isinstance(figures.get("judge"), dict):
        figures["judge"]["times_r"] = round(
            figures["judge"]["ours_per_cpu_s"] / figures["judge"]["r_per_cpu_s"]
        )
    json.dump(figures, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
