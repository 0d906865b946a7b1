"""Erlang B and C, and their inverses (A. K. Erlang 1917; recursion, never factorials).

Offered traffic is in erlangs: users x calls per busy hour x holding time in seconds / 3600.
"""

from __future__ import annotations

import math

import numpy as np


def ln_erlang_b(servers: int, offered: float) -> float:
    """Natural logarithm of the blocking probability; -inf where nothing is offered.

    1/B(n) is the sum of n (n - 1) … (n - k + 1) / a^k over k from 0 to n, added up on logarithms:
    B of large groups is far below the smallest float.

    >>> round(ln_erlang_b(10_000, 200), 7)
    -29325.7541713
    """
    if offered <= 0:
        return -math.inf if servers else 0.0
    terms = np.cumsum(np.log(np.arange(servers, 0, -1.0)) - math.log(offered))
    highest = max(0.0, float(terms.max(initial=0.0)))
    return -highest - math.log(math.exp(-highest) + float(np.exp(terms - highest).sum()))


def erlang_b(servers: int, offered: float) -> float:
    """Probability that a call is blocked.

    >>> round(erlang_b(15, 8.108), 4)
    0.01
    """
    return math.exp(ln_erlang_b(servers, offered))


def erlang_b_load(servers: int, blocking: float) -> float:
    """Erlangs that `servers` carry at that blocking probability.

    >>> round(erlang_b_load(15, 0.01), 3)
    8.108
    """
    from scipy.optimize import brentq  # the service holds no heavy library it was not asked for

    target = math.log(blocking)

    def excess(ln_offered: float) -> float:
        return ln_erlang_b(servers, math.exp(ln_offered)) - target

    # B >= 1 - n/a, so that n / (1 - B) erlangs are blocked more.
    highest = math.log(servers / (1 - blocking)) + 1e-9
    return math.exp(brentq(excess, math.log(1e-300) / servers, highest, xtol=1e-14, rtol=1e-14))


def erlang_b_servers(offered: float, blocking: float) -> int:
    """The fewest servers that block no more than that.

    >>> erlang_b_servers(8.1, 0.01)
    15
    """
    n, inverse = 0, 1.0
    while inverse < 1 / blocking:
        n += 1
        inverse = 1 + inverse * n / offered if offered > 0 else math.inf
    return n


def erlang_c(servers: int, offered: float) -> float:
    """Probability that a call waits; 1 where more is offered than served.

    >>> round(erlang_c(12, 10), 4)
    0.4494
    """
    if offered >= servers:
        return 1.0
    blocked = erlang_b(servers, offered)
    return servers * blocked / (servers - offered * (1 - blocked))


def answered_in_time(agents: int, offered: float, *, hold_s: float, within_s: float) -> float:
    """Share of the calls that so many agents answer within so many seconds (Erlang C).

    >>> round(answered_in_time(14, 10, hold_s=180, within_s=20), 3)
    0.888
    """
    waiting = erlang_c(agents, offered)
    return 1 - waiting * math.exp(-max(agents - offered, 0.0) * within_s / hold_s)


def agents_needed(offered: float, hold_s: float, within_s: float, share: float) -> int:
    """The fewest agents who answer `share` of the calls within so many seconds.

    >>> agents_needed(10, 180, 20, 0.8)
    14
    """

    def is_enough(agents: int) -> bool:
        return answered_in_time(agents, offered, hold_s=hold_s, within_s=within_s) >= share

    low, step = math.floor(offered), 1
    while not is_enough(low + step):
        low, step = low + step, step * 2
    high = low + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high
