"""`amends rate`: a complaint rate from two numbers, with its exact interval."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from amends.kit.errors import BadInput


class UnableToRate(BadInput):
    """The numbers make no rate."""

    code = "unable_to_rate"


def rate(
    complaints: Annotated[int, typer.Option(help="How many complaints, from 0.")],
    users: Annotated[float, typer.Option(help="How many users, such as 300e6.")],
    per: Annotated[float, typer.Option(help="Users the rate is of: 1e6, 1e5 (Ofcom), 1e4.")] = 1e6,
    period: Annotated[str, typer.Option(help="What the complaints were counted over.")] = "quarter",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Complaints per so many users, with the exact 95 % interval (Garwood 1936)."""
    from amends.stats import rates

    if complaints < 0 or not 0 < users < 1e12 or not 0 < per <= 1e9:
        raise UnableToRate(
            "A rate needs complaints from 0, and users and --per above 0.",
            next_step="For example: amends rate --complaints 4081 --users 300e6.",
        )
    found = rates.rate(complaints, users, per=per)
    if as_json:
        document = {
            "count": complaints, "users": users, "rate": found.rate, "low": found.low,
            "high": found.high, "per": per, "period": period, "level": found.level,
        }  # fmt: skip
        typer.echo(json.dumps(document))
        return
    typer.echo(
        f"{found.rate:.2f} complaints per {per:,.0f} users and {period} "
        f"(95 % interval {found.low:.2f}–{found.high:.2f})"
    )
