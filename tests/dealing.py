"""Which process runs which tests, so that none is waited for at the end of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def dealt(items: Iterable[T], rank: Callable[[T], int | None], shares: int) -> list[T]:
    """The items in an order that, cut into `shares` as pytest-xdist cuts it, begins each with long.

    rank    which of the long groups an item is of, the longest 0; None: it is not long

    Long groups are dealt out to and fro and stay whole; the rest keeps its order.

    >>> dealt("abcdefgh", lambda one: {"g": 0, "d": 1}.get(one), 2)
    ['g', 'a', 'b', 'c', 'd', 'e', 'f', 'h']
    """
    longs: dict[int, list[T]] = {}
    rest: list[T] = []
    for item in items:
        place = rank(item)
        (rest if place is None else longs.setdefault(place, [])).append(item)
    hands: list[list[T]] = [[] for _ in range(shares)]
    for turn, place in enumerate(sorted(longs)):
        lap, seat = divmod(turn, shares)
        hands[shares - 1 - seat if lap % 2 else seat] += longs[place]
    waiting = sum(len(hand) for hand in hands) + len(rest)
    order: list[T] = []
    for number, hand in enumerate(hands):
        size = waiting // (shares - number)
        waiting -= size
        room = max(0, size - len(hand))
        order += hand + rest[:room]
        rest = rest[room:]
    return order + rest
