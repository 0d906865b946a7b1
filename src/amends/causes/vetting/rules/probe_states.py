"""Which links were at fault when, as the most likely explanation of probe results.

A hidden Markov model over time steps. Its state is: up to two links at fault (down or slow), up to
two probes that are broken themselves, and whether the prober is. The Viterbi algorithm (Forney,
Proc. IEEE 61(3), 1973) finds the most likely course; the three parts change independently, so each
step maximises over one part at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from amends.causes.vetting.rules.chains import BILLING, ServiceChain

DOWN = "down"
SLOW = "slow"

# Log-likelihood of a failed and of a passed result, against a chain without fault.
_FAIL = {"down": 3.9, "slow": 2.4, "slow_behind": 2.4, "broken": 3.9, "prober": 4.15}
_PASS = {"down": -1.37, "slow": -0.22, "slow_behind": -0.22, "broken": -2.3, "prober": -3.0}

# Log-probabilities of change in one step.
_LINK_STARTS, _LINK_ENDS, _LINK_CHANGES = -8.0, -3.5, -3.0
_PROBE_STARTS, _PROBE_ENDS = -5.5, -3.0
_ONLY_PROBE_STARTS = -10.0
_PROBER_STARTS, _PROBER_ENDS, _PROBER_STAYS = -5.0, -1.0, -0.25
_INCIDENT_OPENS, _INCIDENT_STAYS = 5.0, 1.0

_MOST_LINKS = 10
_MOST_BROKEN = 5


@dataclass(frozen=True, slots=True)
class ProbeSteps:
    """Results of probes by time step; each array is (steps, probes).

    probes   (link id, probe id) of each column
    failed   how many results failed
    passed   how many passed
    slow     sum of the log-likelihood ratios "slow against usual" of those that passed
    behind   the same for a probe that meets the slow link on its way
    not_prober  steps in which the prober works, though every result may have failed
    """

    probes: Sequence[tuple[str, str]]
    failed: NDArray[np.float64]
    passed: NDArray[np.float64]
    slow: NDArray[np.float64]
    behind: NDArray[np.float64]
    not_prober: NDArray[np.bool_]


def _link_states(links: Sequence[str]) -> list[dict[str, str]]:
    single_states = [{link: mode} for link in links for mode in (DOWN, SLOW)]
    two = [
        {first: mode, second: other_mode}
        for first, second in combinations(links, 2)
        for mode, other_mode in product((DOWN, SLOW), repeat=2)
    ]
    return [{}, *single_states, *two]


def _link_changes(states: Sequence[Mapping[str, str]]) -> NDArray[np.float64]:
    cost = np.zeros((len(states), len(states)))
    for a, before in enumerate(states):
        for b, after in enumerate(states):
            for link in before.keys() | after.keys():
                if link not in before:
                    cost[a, b] += _LINK_STARTS
                elif link not in after:
                    cost[a, b] += _LINK_ENDS
                elif before[link] != after[link]:
                    cost[a, b] += _LINK_CHANGES
    return cost


def _broken_changes(
    states: Sequence[frozenset[int]], starts: Mapping[int, float]
) -> NDArray[np.float64]:
    cost = np.zeros((len(states), len(states)))
    for a, before in enumerate(states):
        for b, after in enumerate(states):
            cost[a, b] = sum(starts[probe] for probe in after - before)
            cost[a, b] += _PROBE_ENDS * len(before - after)
    return cost


def _emissions(steps: ProbeSteps) -> dict[str, NDArray[np.float64]]:
    by_state = {name: steps.failed * _FAIL[name] + steps.passed * _PASS[name] for name in _FAIL}
    by_state["slow"] = by_state["slow"] + steps.slow
    by_state["slow_behind"] = by_state["slow_behind"] + steps.behind
    by_state["broken"] = np.maximum(by_state["broken"], by_state["slow"] - 0.5)
    by_state["prober"] = np.maximum(by_state["prober"], by_state["slow"] - 0.2)
    by_state["usual"] = np.zeros_like(steps.failed)
    return by_state


def _condition(link: str, uses: frozenset[str], state: Mapping[str, str]) -> str:
    """The state a probe of `link` meets when the links of `state` are at fault."""
    own = state.get(link)
    met = {state[used] for used in uses if used in state}
    if own == DOWN or DOWN in met:
        return "down"
    if own == SLOW:
        return "slow"
    return "slow_behind" if met else "usual"


def explain_steps(
    chain: ServiceChain,
    steps: ProbeSteps,
    *,
    opened: Mapping[str, NDArray[np.bool_]],
) -> list[dict[str, str]]:
    """For each step the links at fault and how (`down`, `slow`).

    opened  link id → steps at which an incident of it is open
    """
    count = steps.failed.shape[0]
    links = [chain_link.id for chain_link in chain.links][:_MOST_LINKS]
    states = _link_states(links)
    worst = np.argsort(-(steps.failed + np.maximum(steps.slow, 0)).sum(axis=0))[:_MOST_BROKEN]
    broken = [frozenset[int]()] + [
        frozenset(int(step_number) for step_number in step_group)
        for size in (1, 2)
        for step_group in combinations(worst, size)
        if size == 1 or not _whole_link(step_group, steps)
    ]
    link_cost = _link_changes(states)
    broken_cost = _broken_changes(broken, _probe_starts(chain, steps))
    prober_cost = np.array([[0.0, _PROBER_STARTS], [_PROBER_ENDS, _PROBER_STAYS]])
    emission = _all_emissions(chain, steps, states, broken, opened)

    score = np.full((len(states), len(broken), 2), -np.inf)
    score[0, 0, 0] = 0.0
    back = []
    for step in range(count):
        by_link = score[:, None, :, :] + link_cost[:, :, None, None]
        from_link = by_link.argmax(axis=0)
        score = by_link.max(axis=0)
        by_broken = score[:, :, None, :] + broken_cost[None, :, :, None]
        from_broken = by_broken.argmax(axis=1)
        score = by_broken.max(axis=1)
        by_prober = score[:, :, :, None] + prober_cost[None, None, :, :]
        from_prober = by_prober.argmax(axis=2)
        score = by_prober.max(axis=2) + emission[step]
        back.append(
            (from_link.astype(np.int16), from_broken.astype(np.int8), from_prober.astype(np.int8))
        )
    best_index = np.unravel_index(int(score.argmax()), score.shape)
    link, probe, prober = (int(index_part) for index_part in best_index)
    path = []
    for from_link, from_broken, from_prober in reversed(back):
        path.append(states[link])
        prober = int(from_prober[link, probe, prober])
        probe = int(from_broken[link, probe, prober])
        link = int(from_link[link, probe, prober])
    return path[::-1]


def _whole_link(step_numbers: Iterable[int], steps: ProbeSteps) -> bool:
    """Whether these are all probes of one link: then it is the link, not its probes."""
    chosen = set(map(int, step_numbers))
    links = {steps.probes[step_number][0] for step_number in chosen}
    return any(
        {probe_number for probe_number, (link, _) in enumerate(steps.probes) if link == link_name}
        <= chosen
        for link_name in links
    )


def _probe_starts(chain: ServiceChain, steps: ProbeSteps) -> dict[int, float]:
    """How likely a probe breaks by itself: hardly, where no other result could contradict it."""
    starts = {}
    measured = {link for link, _ in steps.probes}
    for probe_number, (link_id, _probe) in enumerate(steps.probes):
        link = chain.link(link_id)
        has_others = sum(1 for other_link, _ in steps.probes if other_link == link_id) > 1
        passed_by_others = (
            link is not None
            and link.kind != BILLING
            and any(
                link_id in chain.uses(chain_link)
                for chain_link in chain.links
                if chain_link.id in measured
            )
        )
        checked = has_others or passed_by_others
        starts[probe_number] = _PROBE_STARTS if checked else _ONLY_PROBE_STARTS
    return starts


def _all_emissions(
    chain: ServiceChain,
    steps: ProbeSteps,
    states: Sequence[Mapping[str, str]],
    broken: Sequence[frozenset[int]],
    opened: Mapping[str, NDArray[np.bool_]],
) -> NDArray[np.float64]:
    """Log-likelihood of each step in each state, as (steps, link states, broken probes, 2)."""
    count, probes = steps.failed.shape
    by_condition = _emissions(steps)
    uses = {chain_link.id: chain.uses(chain_link) for chain_link in chain.links}
    emission = np.zeros((count, len(states), len(broken), 2))
    # When the prober itself fails, faults of links can be neither seen nor excluded.
    emission[:, :, :, 1] = by_condition["prober"].sum(axis=1)[:, None, None]
    emission[steps.not_prober, :, :, 1] = -np.inf
    for number, state in enumerate(states):
        of_probe = (
            np.stack(
                [
                    by_condition[_condition(link, uses[link], state)][:, p]
                    for p, (link, _) in enumerate(steps.probes)
                ],
                axis=1,
            )
            if probes
            else np.zeros((count, 0))
        )
        total = of_probe.sum(axis=1)
        for state_number, broken_parts in enumerate(broken):
            changed = total.copy()
            for p in broken_parts:
                changed += by_condition["broken"][:, p] - of_probe[:, p]
            emission[:, number, state_number, 0] = changed
        # An incident is explained by a fault of its link, or of one that its link uses.
        for link, is_open in opened.items():
            if link in state or uses[link] & state.keys():
                begins = np.diff(is_open.astype(float), prepend=0.0) > 0
                bonus = is_open * _INCIDENT_STAYS + begins * _INCIDENT_OPENS
                emission[:, number] += bonus[:, None, None]
    return emission
