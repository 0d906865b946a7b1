"""A column or two of tens of thousands of subscribers or services at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from amends.people.subscribers.models import Service, Subscriber
from amends.platform.database.prepared_queries import PreparedQueryForKeys
from amends.platform.kit.batches import slices
from amends.record.catalogue.queries import allowances_of_versions

if TYPE_CHECKING:
    import polars as pl

_FEW = 2_000
"""Up to so many are asked for one by one."""
_MOST = 4
"""Where there are fewer than so many for each that is asked for, all are read."""
_PRODUCTS = PreparedQueryForKeys(
    lambda wanted: Service.objects.filter(ref__in=wanted).values_list("ref", "offer", "area")
)
_PLANS = PreparedQueryForKeys(
    lambda wanted: Service.objects.filter(ref__in=wanted).values_list(
        "ref", "subscriber_id", "offer", "offer_version"
    )
)
_HOMES = PreparedQueryForKeys(
    lambda wanted: Subscriber.objects.filter(pseudonym__in=wanted).values_list(
        "pseudonym", "brand", "area"
    )
)


def offers_and_areas(refs: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Service → its offer and its area, "" where it has none; unknown services are absent."""
    wanted = list(dict.fromkeys(refs))
    rows = _of_many(_PRODUCTS, Service.objects.all(), ("ref", "offer", "area"), wanted)
    return {ref: (offer, area) for ref, offer, area in rows}


def brands_and_areas(wanted: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Pseudonym → the person's brand and area, "" where there is none; unknown ones are absent."""
    people = list(dict.fromkeys(wanted))
    rows = _of_many(_HOMES, Subscriber.objects.all(), ("pseudonym", "brand", "area"), people)
    return {pseudonym: (brand, area) for pseudonym, brand, area in rows}


@dataclass(frozen=True, slots=True)
class Allowance:
    """Whose a service is, and what its plan includes a month; None where nothing is stated."""

    subscriber: str
    allowance_mb: int | None
    allowance_minutes: int | None
    allowance_messages: int | None


def allowances_of(refs: Iterable[str]) -> dict[str, Allowance]:
    """The plan of each service as it was agreed, else in its newest version; unknown absent."""
    agreed = allowances_of_versions()
    allowances: dict[str, Allowance] = {}
    names = ("ref", "subscriber_id", "offer", "offer_version")
    every, wanted = Service.objects.all(), list(dict.fromkeys(refs))
    for ref, owner, offer_ref, version in _of_many(_PLANS, every, names, wanted):
        amounts = agreed.get((offer_ref, version)) or agreed.get((offer_ref, ""))
        allowances[ref] = Allowance(owner, *(amounts or (None, None, None)))
    return allowances


def living_in(provinces: Iterable[str]) -> dict[str, str]:
    """Pseudonym → province, of the subscribers of some provinces."""
    from amends.platform.database.columns import read

    homes = read(Subscriber.objects.filter(province__in=list(provinces)), ("pseudonym", "province"))
    return dict(zip(*homes.get_columns(), strict=True))


def services_in(provinces: Iterable[str]) -> pl.DataFrame:
    """`service` and `province`, of the subscribers of some provinces."""
    from amends.platform.database.columns import read

    people = Subscriber.objects.filter(province__in=list(provinces))
    homes = read(people, ("pseudonym", "province"))
    owned = read(Service.objects.all(), ("ref", "subscriber_id"))
    return owned.join(homes, left_on="subscriber_id", right_on="pseudonym").select(
        "province", service="ref"
    )


def _of_many(
    few: PreparedQueryForKeys,
    every: QuerySet[Any, Any],
    names: tuple[str, ...],
    wanted: Sequence[str],
) -> Iterator[Any]:
    """The rows whose first column is among `wanted`; read whole where these are most of them."""
    if len(wanted) > _FEW and every.count() < _MOST * len(wanted):
        # Whoever asks for few, as every command that is started does, loads no polars.
        import polars as pl

        from amends.platform.database.columns import read

        wanted_series = pl.Series(wanted, dtype=pl.String)
        yield from (
            read(every, names).filter(pl.col(names[0]).is_in(wanted_series.implode())).iter_rows()
        )
        return
    for batch in slices(wanted):
        yield from few.rows(batch)
