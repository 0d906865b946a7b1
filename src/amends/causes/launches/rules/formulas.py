"""`amends launches formula`: one published formula a line, so that anybody can check ours."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np

from amends.causes.launches.rules import erlang, finance, uptake
from amends.causes.launches.rules.case import shown
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _


class UnableToCalculate(BadInput):
    """The formula is unknown, or an argument is missing or has no sense in it."""

    code = "formula_refused"


def calculate(rows: object) -> list[dict[str, Any]]:
    """`{"value", "warnings"}` of each `{"f": NAME, argument: value, …}`."""
    if not isinstance(rows, list):
        raise UnableToCalculate(
            _("A list of formulas is expected."), next_step=_('Write [{"f": "npv", …}, …].')
        )
    if len(rows) > _MOST_ENTRIES:
        raise UnableToCalculate(
            _("The file has %(entries)s formulas; at most %(most)s are calculated at once."),
            next_step=_("Send them in several files."),
            values={"entries": f"{len(rows):,}", "most": f"{_MOST_ENTRIES:,}"},
        )
    with np.errstate(all="ignore"):  # what overflows is told as a result that is not finite
        return [_one(index, row) for index, row in enumerate(rows)]


def sobol_ishigami(a: float, b: float, n: int, seed: int) -> dict[str, list[float]]:
    """Sobol' indices of Ishigami and Homma's function (1990) by SciPy, `n` a power of two."""
    from scipy.stats import sobol_indices, uniform  # heavy, and loaded where it works

    def ishigami(x: Any) -> Any:
        return np.sin(x[0]) + a * np.sin(x[1]) ** 2 + b * x[2] ** 4 * np.sin(x[0])

    angle = uniform(loc=-np.pi, scale=2 * np.pi)
    indices = sobol_indices(func=ishigami, n=n, dists=[angle] * 3, rng=seed)
    return {"S1": indices.first_order.tolist(), "ST": indices.total_order.tolist()}


_FORMULAS: dict[str, Callable[..., Any]] = {
    "erlang_b": erlang.erlang_b,
    "ln_erlang_b": erlang.ln_erlang_b,
    "erlang_b_load": erlang.erlang_b_load,
    "erlang_b_servers": erlang.erlang_b_servers,
    "erlang_c": erlang.erlang_c,
    "npv": finance.npv,
    "irr": finance.irr,
    "mirr": finance.mirr,
    "xnpv": finance.xnpv,
    "xirr": finance.xirr,
    "pmt": finance.pmt,
    "bass": uptake.bass,
    "bass_peak": uptake.bass_peak,
    "sobol_ishigami": sobol_ishigami,
}
_WHOLE = {"servers": (0, 1_000_000), "n": (2, 2**17), "seed": (0, 2**32 - 1)}
_MOST = {"offered": 1_000_000.0, "periods": 1_000_000.0}
_MOST_ENTRIES = 10_000
_MOST_FLOWS = 10_000
_ABOVE_ZERO = {"p"}
_NOT_NEGATIVE = {"offered", "q", "t"}
_ABOVE_MINUS_ONE = {"rate", "finance", "reinvest", "rate_per_period"}
_LISTS = {"flows", "dates"}


def _one(index: int, row: object) -> dict[str, Any]:
    name = row.get("f") if isinstance(row, Mapping) else None
    formula = _FORMULAS.get(name) if isinstance(name, str) else None
    if formula is None or not isinstance(row, Mapping):
        raise UnableToCalculate(
            _("There is no formula “%(name)s”."),
            where=_("entry %(entry)s"),
            at={"entry": index + 1},
            next_step=_("Use one of %(known)s."),
            values={"name": shown(name or ""), "known": ", ".join(_FORMULAS)},
        )
    names = list(inspect.signature(formula).parameters)
    arguments = {parameter: _argument(index, parameter, row.get(parameter)) for parameter in names}
    _check_together(index, arguments)
    try:
        value = formula(**arguments)
    except (ArithmeticError, RuntimeError, ValueError) as error:
        raise _refusal(index, str(name), _("The numbers have no result.")) from error
    warnings: list[str] = []
    if isinstance(value, tuple):
        value, warnings = value
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        value, warnings = None, [*warnings, _("The result is not a finite number.")]
    return {"value": value, "warnings": warnings}


def _argument(index: int, name: str, argument: object) -> Any:
    if name in _LISTS:
        if not isinstance(argument, list) or not argument:
            raise _refusal(index, name, _("A list is expected."))
        if len(argument) > _MOST_FLOWS:
            raise _refusal(
                index, name, _("The list has more than %(most)s values."), most=f"{_MOST_FLOWS:,}"
            )
        return [
            _day(index, entry_value) if name == "dates" else _number(index, name, entry_value)
            for entry_value in argument
        ]
    number = _number(index, name, argument)
    if name in _WHOLE:
        low, high = _WHOLE[name]
        if not low <= number <= high or number != int(number):
            raise _refusal(
                index,
                name,
                _("A whole number from %(low)s to %(high)s is expected."),
                low=low,
                high=f"{high:,}",
            )
        return int(number)
    too_low = (
        (name in _ABOVE_ZERO and number <= 0)
        or (name in _NOT_NEGATIVE and number < 0)
        or (name in _ABOVE_MINUS_ONE and number <= -1)
        or (name == "blocking" and not 0 < number < 1)
        or (name == "periods" and number <= 0)
    )
    if too_low:
        raise _refusal(index, name, _("The number is out of range."))
    if number > _MOST.get(name, number):
        raise _refusal(
            index,
            name,
            _("The number is above %(high)s, the most that is calculated."),
            high=f"{_MOST[name]:,.0f}",
        )
    return number


def _check_together(index: int, arguments: Mapping[str, Any]) -> None:
    if "dates" in arguments and len(arguments["dates"]) != len(arguments["flows"]):
        raise _refusal(index, "dates", _("There must be as many dates as flows."))
    if "blocking" in arguments and arguments.get("servers") == 0:
        raise _refusal(index, "servers", _("The number is out of range."))
    if arguments.get("q") == 0 and "t" not in arguments:
        raise _refusal(index, "q", _("The number is out of range."))
    if "n" in arguments and arguments["n"] & (arguments["n"] - 1):
        raise _refusal(index, "n", _("A power of two is expected."))
    if "finance" in arguments and len(arguments["flows"]) < 2:
        raise _refusal(index, "flows", _("At least two flows are expected."))


def _number(index: int, name: str, argument: Any) -> float:
    is_number = isinstance(argument, int | float) and not isinstance(argument, bool)
    # Compared, not converted: an integer of 400 digits is no float.
    if is_number and -1e300 < argument < 1e300:
        return float(argument)
    raise _refusal(index, name, _("A number is expected."))


def _day(index: int, argument: object) -> date:
    try:
        return date.fromisoformat(argument[:10] if isinstance(argument, str) else "")
    except ValueError as error:
        raise _refusal(index, "dates", _("A day like 2026-07-01 is expected.")) from error


def _refusal(index: int, name: str, what: str, **values: object) -> UnableToCalculate:
    return UnableToCalculate(
        what,
        where=_("entry %(entry)s, %(name)s"),
        at={"entry": index + 1, "name": name},
        next_step=_("Correct it and run the command again; nothing was calculated."),
        values=values,
    )
