"""Why a number has its score, in two sentences: what it does, and what decided."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from amends.causes.protection.rules.reputation import FEATURES, ReputationRules
from amends.platform.kit.errors import gettext_noop

_SPEAKS = {
    "reach": gettext_noop("It calls very many different people."),
    "unanswered": gettext_noop("Most people do not take its calls."),
    "hung_up": gettext_noop("Those who answer soon hang up."),
    "not_called_back": gettext_noop("Hardly anybody calls it back."),
    "once_only": gettext_noop("It calls nearly everybody only once."),
    "night": gettext_noop("Many of its calls come at night."),
    "reported": gettext_noop("Several of the people it called report it."),
}
_USUAL = gettext_noop("It is answered, talks, or is called back, as offices and people are.")
_FEW = gettext_noop("That is too few to be a nuisance to many.")
_CAMPAIGN = gettext_noop("More people report it than it called, so the reports do not count.")
_CALLS = gettext_noop("{} calls to {} people, {} answered.")
_SUSPECT_FROM = 0.5


def with_reasons(
    scored: pl.DataFrame, rules: ReputationRules, translate: Callable[[str], str]
) -> pl.DataFrame:
    """The scored numbers with a column `reasons`."""
    usual = scored.filter(pl.col("people") >= rules.least_people).select(pl.col(FEATURES).median())
    typical = {name: usual[name][0] or 0.0 for name in FEATURES}
    worth = [((pl.col(name) - typical[name]) * rules.points[name]).alias(name) for name in FEATURES]
    strongest = scored.select(pl.concat_list(worth).list.arg_max().alias("first"))["first"]
    speaks = pl.Series([translate(_SPEAKS[name]) for name in FEATURES])
    figures = pl.format(translate(_CALLS), "calls", "people", "answered")
    space = pl.lit(" " if translate(_FEW) == _FEW else "")
    second = (
        pl.when(pl.col("score") >= _SUSPECT_FROM)
        .then(speaks.gather(strongest))
        .when(pl.col("reporters") > pl.col("people").clip(3, None))
        .then(pl.lit(translate(_CAMPAIGN)))
        .when(pl.col("people") < rules.least_people)
        .then(pl.lit(translate(_FEW)))
        .otherwise(pl.lit(translate(_USUAL)))
    )
    return scored.with_columns((figures + space + second).alias("reasons"))
