"""Countries a rule holds in: dated data (`regions@….toml`), named by duties as `region`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from amends.engines.duties.reading import RuleEntry
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.packs import RuleFile, Verified, load_rules, versions

_PACKAGE, _NAME = "amends.engines.duties", "regions"
_ISO = re.compile(r"[A-Z]{2}")
_KEYS = frozenset(
    {"id", "since", "packs", "like_home", "countries", "zh", "en", "source", "verified"}
)


@dataclass(frozen=True, slots=True)
class Region:
    """Countries by their two letters (ISO 3166-1), in the order of the alphabet.

    rules      the rule file, as facts cite it
    packs      those it belongs to
    like_home  whether use there counts against the allowances of home, for lines of these packs
    """

    id: str
    rules: str
    packs: tuple[str, ...]
    like_home: bool
    countries: tuple[str, ...]
    zh: str
    en: str
    source: str
    verified: Verified


@lru_cache(maxsize=1024)
def regions_on(day: date) -> Mapping[str, Region]:
    """The regions in force on a day, by id; none before the first file.

    >>> [len(regions_on(date(year, 12, 31))["union"].countries) for year in (2025, 2026)]
    [30, 32]
    >>> dict(regions_on(date(2020, 1, 1)))
    {}
    """
    if not any(version <= day for version in versions(_PACKAGE, _NAME)):
        return MappingProxyType({})
    file = load_rules(_PACKAGE, _NAME, day)
    regions_by_id = {region.id: region for region in read_regions(file)}
    return MappingProxyType(regions_by_id)


def read_regions(file: RuleFile) -> tuple[Region, ...]:
    """The regions of one rule file; `UnableToReadDuties` names the entry that cannot be used."""
    return tuple(_region(row, file) for row in file.data.get("regions", []))


def like_home(jurisdiction: str, day: date) -> tuple[str, ...]:
    """The countries where use counts against the allowances of home (roam like at home).

    >>> like_home("cn", date(2026, 12, 31))
    ()
    >>> "FR" in like_home("eu", date(2026, 12, 31))
    True
    """
    country_codes = {
        country
        for region in regions_on(day).values()
        if region.like_home and jurisdiction in region.packs
        for country in region.countries
    }
    return tuple(sorted(country_codes))


def _region(row: Mapping[str, Any], file: RuleFile) -> Region:
    entry = RuleEntry(row, f"region {row.get('id', '?')}", file.version)
    entry.only(_KEYS)
    countries = entry.words("countries")
    if not countries or not all(_ISO.fullmatch(country) for country in countries):
        raise entry.refused(
            _("countries are not two capital letters each."), _('Write ["DE", "FR"].')
        )
    return Region(
        id=entry.text("id"),
        rules=f"{file.name}@{row['since'].isoformat()}",
        packs=entry.words("packs"),
        like_home=entry.flag("like_home", default=False),
        countries=tuple(sorted(set(countries))),
        zh=entry.text("zh"),
        en=entry.text("en"),
        source=entry.text("source"),
        verified=entry.verified(),
    )
