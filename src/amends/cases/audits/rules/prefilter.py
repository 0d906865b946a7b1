"""Which lines may be concerned at all: sums over whole columns, before any line is followed.

Most charges are the same fee month after month, and make nothing due: to put each line's charges
behind one another costs ten times what it costs to see that. Nothing that is due is left out here;
the rules that follow decide.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pyarrow.compute as pc


def may_reach(charges: pl.DataFrame, minimum: int) -> pl.DataFrame:
    """The charges of the lines and months whose amounts together reach a mark, in their order.

    charges  with `service`, `month` and `amount_minor`; what was given back lowers a sum, and is
             left out of these

    >>> rows = [("a", "m", 60), ("b", "m", 60), ("a", "m", 50), ("b", "n", 50)]
    >>> made = pl.DataFrame(rows, schema=["service", "month", "amount_minor"], orient="row")
    >>> may_reach(made, 100).rows()
    [('a', 'm', 60), ('a', 'm', 50)]
    """
    cells, _, _ = _cells(charges["service"], charges["month"])
    sums = np.bincount(cells, weights=charges["amount_minor"].clip(lower_bound=0).to_numpy())
    return charges.filter(pl.Series(sums[cells] >= minimum))


def may_be_many_times(
    charges: pl.DataFrame,
    months_asked: list[str],
    before: list[tuple[str, str]],
    months: int,
    times: int,
) -> pl.DataFrame:
    """The charges of the lines with a month that may pass so many times the mean of those before.

    asked   the months in question
    before  pairs of a month and one that counts as before it
    months  how many of these a line must have charges in

    >>> rows = [("a", "m", 10), ("b", "m", 10), ("a", "n", 20), ("b", "n", 31)]
    >>> made = pl.DataFrame(rows, schema=["service", "month", "amount_minor"], orient="row")
    >>> may_be_many_times(made, ["n"], [("n", "m")], 1, 3)["service"].to_list()
    ['b', 'b']
    """
    cells, services, names = _cells(charges["service"], charges["month"])
    shape, amounts = (services.max(initial=-1) + 1, len(names)), charges["amount_minor"].to_numpy()

    def grid(weights: Any = None) -> Any:
        return np.bincount(cells, weights, minlength=shape[0] * shape[1]).reshape(shape)

    sums, has_charges, maxima = grid(amounts), grid() > 0, grid(np.maximum(amounts, 0))
    month_index = {name: at for at, name in enumerate(names)}
    may = np.zeros(shape[0], dtype=bool)
    for month in months_asked:
        earlier = [
            month_index[earlier_month]
            for of, earlier_month in before
            if of == month and earlier_month in month_index
        ]
        usual, known_months = sums[:, earlier].sum(axis=1), has_charges[:, earlier].sum(axis=1)
        passed = maxima[:, month_index[month]] * months > usual * times
        may |= (known_months == months) & (usual > 0) & passed
    return charges.filter(pl.Series(may[services]))


def may_be_first(charges_so_far: pl.DataFrame, asked_ms: int, quiet_ms: int) -> pl.DataFrame:
    """The charges of a person and a kind that may hold a first charge since a moment, in their
    order, each with the person's first charge of all as `begun_ms`.

    made  in order of time

    A kind with no charge since is none; nor is one whose charges, from less than the quiet time
    before that moment to the last, are too close together for any of them to be a first one.

    >>> rows = [("p", "a", 10), ("p", "b", 15), ("p", "a", 30), ("p", "b", 41)]
    >>> seen = pl.DataFrame(rows, schema=["subscriber", "charge_kind", "happened_at_ms"],
    ...     orient="row")
    >>> may_be_first(seen, 20, 25).rows()
    [('p', 'b', 15, 10), ('p', 'b', 41, 10)]
    """
    cells, people, _ = _cells(charges_so_far["subscriber"], charges_so_far["charge_kind"])
    at_ms = charges_so_far["happened_at_ms"].to_numpy()
    count = int(cells.max(initial=-1)) + 1
    last, before = np.zeros(count, np.int64), np.full(count, np.iinfo(np.int64).min)
    # Of several rows the last one stays, and they are in order of time.
    last[cells] = at_ms
    earlier = at_ms < asked_ms
    before[cells[earlier]] = at_ms[earlier]
    begun = np.zeros(int(people.max(initial=-1)) + 1, np.int64)
    begun[people[::-1]] = at_ms[::-1]
    never = before == np.iinfo(np.int64).min
    may = (last >= asked_ms) & (never | (last - np.where(never, 0, before) > quiet_ms))
    return charges_so_far.with_columns(begun_ms=pl.Series(begun[people])).filter(
        pl.Series(may[cells])
    )


def _cells(rows: pl.Series, columns: pl.Series) -> tuple[Any, Any, list[str]]:
    """The cell each pair of texts falls in, the row of the first, and the names of the columns."""
    lines, (across, labels) = _numbered(rows)[0], _numbered(columns)
    return lines * len(labels) + across, lines, labels.to_pylist()


def _numbered(texts: pl.Series) -> tuple[Any, Any]:
    """Each text as a number from 0 on, and the rows of each."""
    coded = pc.dictionary_encode(texts.to_arrow(), null_encoding="encode")
    return coded.indices.to_numpy().astype(np.int64), coded.dictionary
