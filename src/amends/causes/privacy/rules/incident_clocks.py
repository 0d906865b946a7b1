"""Who is told of a personal-data incident and by when: dated rules of a jurisdiction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from amends.platform.kit.packs import RuleFile, Verified


@dataclass(frozen=True, slots=True)
class IncidentLevel:
    """A level of incidents, from so many persons on."""

    id: str
    zh: str
    en: str
    persons: int


@dataclass(frozen=True, slots=True)
class ClockRule:
    """One duty to tell: `hours` after it was found, 0 at once; `persons`: the people concerned."""

    id: str
    zh: str
    en: str
    hours: int
    persons: bool
    levels: tuple[str, ...]
    source: str
    verified: Verified
    rule: str

    def due(self, found_at: datetime) -> datetime:
        """The last moment."""
        return found_at + timedelta(hours=self.hours)


def levels_of(files: Iterable[RuleFile]) -> list[IncidentLevel]:
    """The levels of a jurisdiction, lowest first."""
    rows = [row for file in files for row in file.data.get("levels", ())]
    levels = [
        IncidentLevel(id=row["id"], zh=row["zh"], en=row["en"], persons=int(row["persons"]))
        for row in rows
    ]
    return sorted(levels, key=lambda level: level.persons)


def level_for(persons: int, levels: Iterable[IncidentLevel]) -> str:
    """The highest level that so many persons reach; a person may raise it.

    >>> levels = [IncidentLevel("general", "", "", 0), IncidentLevel("larger", "", "", 1_000_000)]
    >>> level_for(999_999, levels), level_for(1_000_000, levels)
    ('general', 'larger')
    """
    return [level.id for level in levels if persons >= level.persons][-1]


def clocks_of(files: Iterable[RuleFile]) -> list[ClockRule]:
    """Every duty to tell of a jurisdiction."""
    return [
        ClockRule(
            id=row["id"],
            zh=row["zh"],
            en=row["en"],
            hours=int(row["hours"]),
            persons=bool(row["persons"]),
            levels=tuple(row["levels"]),
            source=row["source"],
            verified=row["verified"],
            rule=f"{file.version}/{row['id']}",
        )
        for file in files
        for row in file.rules
    ]
