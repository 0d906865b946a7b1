"""Rules as dated data: `<name>@YYYY-MM-DD.toml`, the newest in force on a day, old ones kept.

A rule file opens with a `[file]` table and states where it comes from:

    [file]
    zh = "用户投诉处理时限"
    en = "Time limits for complaints"
    source = "Order 35, article 10"
    verified = true          # true: read in the law or on the authority's page; "press"; false

Every table entry with an `id` (`[[rules]]`, `[[statements]]`, …) carries its own `zh`, `en`,
`source` and `verified`. A file may say `extends = "2016-07-30"`: it takes the entries of that
version, replaces those of the same `id` and leaves out those it lists in `drop`; each entry knows
`since` when it has read so. `effective_to` closes a file when nothing is known after it.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

from amends.platform.kit.errors import BadInput, Unavailable, gettext_noop
from amends.platform.kit.formats import local

Verified = bool | str
"""True: the law or the authority's own page was read. "press": a report of it. False: neither."""

_FILE = re.compile(r"(?P<name>[a-z0-9-]+)@(?P<date>\d{4}-\d{2}-\d{2})\.toml")
_ROW_KEYS = ("id", "zh", "en", "source", "verified")


class UnableToReadRules(BadInput):
    """The rule file does not say what every rule file must say."""


class UnableToFindRules(Unavailable):
    """No rule file of that name is in force on that day."""


class UnableToFindPack(BadInput):
    """There is no pack for that jurisdiction."""


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One version of one set of rules; `sha256` fixes what it said (for `RuleSetActivated`)."""

    name: str
    effective_from: date
    effective_to: date | None
    zh: str
    en: str
    source: str
    verified: Verified
    sha256: str
    data: Mapping[str, Any] = field(repr=False, compare=False, default_factory=dict)

    @property
    def version(self) -> str:
        """The version id that decisions and facts cite: `name@YYYY-MM-DD`."""
        return f"{self.name}@{self.effective_from.isoformat()}"

    @property
    def rules(self) -> list[dict[str, Any]]:
        """The entries of `[[rules]]`, those of an extended version included."""
        return list(self.data.get("rules", []))


@dataclass(frozen=True, slots=True)
class Pack:
    """What holds in one jurisdiction on one day.

    `parent` is the national pack of a provincial overlay. `versions` maps `app/name` to the
    version ids in force, e.g. `decisions/deadlines` to `("deadlines-cn@2016-07-30",
    "deadlines-cn-41@2021-01-01")`: national first, overlay second.
    """

    jurisdiction: str
    parent: str
    on: date
    zh: str
    en: str
    zone: str
    currency: str
    calendar: str
    versions: Mapping[str, tuple[str, ...]]
    data: Mapping[str, Any] = field(repr=False, compare=False, default_factory=dict)


def load_rules(package: str, name: str, on: date) -> RuleFile:
    """The newest version of `name` in `package` that is in force on the day `on`.

    `package` is an app or its rules (`amends.cases.complaints`, `amends.cases.complaints.rules`);
    the files are in its `rules/data`. Raises UnableToFindRules where nothing was in force,
    UnableToReadRules where a file lacks its source or its mark of verification.

    >>> load_rules("amends.engines.classification", "taxonomy", date(2026, 12, 1)).version
    'taxonomy@2026-11-29'
    """
    applicable = [version for version in versions(package, name) if version <= on]
    if not applicable:
        raise UnableToFindRules(
            gettext_noop("No version of %(name)s was in force on %(on)s."),
            meaning=gettext_noop("What applied on that day is not in this installation."),
            next_step=gettext_noop("Add a dated rule file, or choose a later day."),
            values={"name": name, "on": on},
        )
    rules = load_version(package, name, applicable[-1])
    if rules.effective_to is not None and on > rules.effective_to:
        raise UnableToFindRules(
            gettext_noop("%(version)s ends on %(ends)s; what follows up to %(on)s is not known."),
            meaning=gettext_noop("The rule of that day was looked for and not found."),
            next_step=gettext_noop(
                "A person must look it up; add a dated rule file when it is known."
            ),
            values={"version": rules.version, "ends": rules.effective_to, "on": on},
        )
    return rules


@cache
def versions(package: str, name: str) -> tuple[date, ...]:
    """The dates of all versions of `name`, oldest first."""
    return tuple(
        sorted(version for listed_name, version in _listing(package) if listed_name == name)
    )


def names(package: str) -> tuple[str, ...]:
    """The names of all rule files of an app."""
    return tuple(sorted({name for name, _ in _listing(package)}))


@cache
def load_version(package: str, name: str, version: date) -> RuleFile:
    """One version, whether or not it is still in force."""
    path = _folder(package).joinpath(f"{name}@{version.isoformat()}.toml")
    if not path.is_file():
        raise UnableToFindRules(
            gettext_noop("There is no rule file %(name)s@%(version)s."),
            values={"name": name, "version": version},
        )
    raw = path.read_bytes()
    data = _parse(raw, path.name)
    head = _head(data, path.name)
    digest = hashlib.sha256(raw)
    for row in _rows(data):
        row["since"] = version
    if extends := head.get("extends"):
        base = load_version(package, name, date.fromisoformat(str(extends)))
        digest.update(bytes.fromhex(base.sha256))
        data = _merged(base.data, data, head.get("drop", []), path.name)
    return RuleFile(
        name=name,
        effective_from=version,
        effective_to=head.get("effective_to"),
        zh=head["zh"],
        en=head["en"],
        source=head["source"],
        verified=head["verified"],
        sha256=digest.hexdigest(),
        data=MappingProxyType(data),
    )


@lru_cache(maxsize=8192)
def pack(jurisdiction: str, on: date) -> Pack:
    """What holds in `jurisdiction` (`cn`, `cn-41`, `uk`, …) on the day `on`.

    >>> henan = pack("cn-41", date(2026, 5, 1))
    >>> henan.parent, henan.zone
    ('cn', 'Asia/Shanghai')
    >>> henan.versions["decisions/deadlines"][-1]
    'deadlines-cn-41@2021-01-01'
    """
    own = _pack_data(jurisdiction)
    parent = str(own.get("parent", ""))
    national = _pack_data(parent) if parent else {}
    merged = {**national, **own}
    in_force: dict[str, tuple[str, ...]] = {}
    for listing in (national, own):
        for app, sets in listing.get("apps", {}).items():
            for title, listed in sets.items():
                if chosen := _in_force(listed["name"], listed["versions"], on):
                    key = f"{app}/{title}"
                    in_force[key] = (*in_force.get(key, ()), chosen)
    return Pack(
        jurisdiction=jurisdiction,
        parent=parent,
        on=on,
        zh=merged["zh"],
        en=merged["en"],
        zone=merged["zone"],
        currency=merged["currency"],
        calendar=merged["calendar"],
        versions=MappingProxyType(in_force),
        data=MappingProxyType(merged),
    )


def zone_of(jurisdiction: str) -> str:
    """The zone by whose clock a jurisdiction's days begin.

    >>> zone_of("cn-41")
    'Asia/Shanghai'
    """
    own = _pack_data(jurisdiction)
    return str(own["zone"] if "zone" in own else _pack_data(str(own["parent"]))["zone"])


def day_in(jurisdiction: str, moment: datetime) -> date:
    """The day it is in a jurisdiction: rules that take effect on it hold from its midnight on.

    A moment's own `.date()` is the day in UTC, which in China begins at 08:00. For the day of the
    installation, where no jurisdiction is named, there is `timezone.localdate(moment)`.

    >>> from datetime import UTC
    >>> day_in("cn", datetime(2026, 10, 31, 16, 30, tzinfo=UTC)).isoformat()
    '2026-11-01'
    """
    return local(moment, zone_of(jurisdiction)).date()


def rules_in_force(jurisdiction: str, app: str, title: str, on: date) -> tuple[RuleFile, ...]:
    """The files a pack lists for `app/title` on a day: national first, overlay second.

    Empty where the pack has none; UnableToFindRules where the last one known has ended.

    >>> [f.version for f in rules_in_force("cn-41", "decisions", "deadlines", date(2026, 5, 1))]
    ['deadlines-cn@2016-07-30', 'deadlines-cn-41@2021-01-01']
    """
    listed = pack(jurisdiction, on).versions.get(f"{app}/{title}", ())
    package = package_of(app)
    return tuple(load_rules(package, reference.partition("@")[0], on) for reference in listed)


@cache
def package_of(app: str) -> str:
    """The package of an app by its label, whichever group it is in.

    >>> package_of("decisions")
    'amends.engines.decisions'
    """
    for group in files("amends").iterdir():
        if group.is_dir() and group.joinpath(app).is_dir():
            return f"amends.{group.name}.{app}"
    raise ModuleNotFoundError(f"No app of Amends has the label {app!r}.")


@cache
def jurisdictions() -> tuple[str, ...]:
    """The jurisdictions that have a pack, overlays included.

    >>> "cn-41" in jurisdictions()
    True
    """
    return tuple(sorted(path.name[:-5] for path in _packs().iterdir() if _is_pack(path)))


def _in_force(name: str, listed: list[date], on: date) -> str | None:
    past = [version for version in listed if version <= on]
    return f"{name}@{max(past).isoformat()}" if past else None


def _packs() -> Traversable:
    return files("amends.platform").joinpath("packs")


def _is_pack(path: Traversable) -> bool:
    return path.name.endswith(".toml")


@cache
def _pack_data(jurisdiction: str) -> dict[str, Any]:
    if jurisdiction not in jurisdictions():
        raise UnableToFindPack(
            gettext_noop("There is no pack for “%(jurisdiction)s”."),
            next_step=gettext_noop("Choose one of %(known)s."),
            values={"jurisdiction": jurisdiction, "known": ", ".join(jurisdictions())},
        )
    path = _packs().joinpath(f"{jurisdiction}.toml")
    return _parse(path.read_bytes(), path.name)


@cache
def _folder(package: str) -> Traversable:
    root = files(package)
    nested = root.joinpath("rules", "data")
    return nested if nested.is_dir() else root.joinpath("data")


@cache
def _listing(package: str) -> tuple[tuple[str, date], ...]:
    folder = _folder(package)
    if not folder.is_dir():
        raise UnableToFindRules(
            gettext_noop("%(package)s has no folder rules/data."), values={"package": package}
        )
    matches = (_FILE.fullmatch(path.name) for path in folder.iterdir())
    return tuple((m["name"], date.fromisoformat(m["date"])) for m in matches if m)


def _parse(raw: bytes, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UnableToReadRules(
            gettext_noop("The file is not valid TOML: %(why)s"),
            where=where,
            values={"why": str(error)},
        ) from error


def _head(data: dict[str, Any], where: str) -> dict[str, Any]:
    head: dict[str, Any] = data.get("file", {})
    _require(head, ("zh", "en", "source", "verified"), "[file]", where)
    for row in _rows(data):
        _require(row, _ROW_KEYS, f"rule {row.get('id', '?')}", where)
    for key, table in _tables(data).items():
        if len({row["id"] for row in table}) != len(table):
            raise UnableToReadRules(
                gettext_noop("Two entries of [[%(key)s]] have the same id."),
                where=where,
                values={"key": key},
            )
    for row in data.get("rules", []):
        _require(row, _ROW_KEYS, "an entry of [[rules]]", where)
    return head


def _require(table: dict[str, Any], keys: tuple[str, ...], title: str, where: str) -> None:
    missing = [key for key in keys if table.get(key) in (None, "")]
    if missing:
        raise UnableToReadRules(
            gettext_noop("%(title)s does not say %(missing)s."),
            meaning=gettext_noop(
                "A rule without its source cannot be cited, so the file is not used."
            ),
            next_step=gettext_noop(
                "State the source and whether it was verified (true, 'press' or false)."
            ),
            where=where,
            values={"title": title, "missing": ", ".join(missing)},
        )
    if table["verified"] not in (True, False, "press"):
        raise UnableToReadRules(
            gettext_noop("%(title)s: verified is true, 'press' or false."),
            where=where,
            values={"title": title},
        )


def _tables(data: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The arrays of tables whose entries have an id."""
    return {
        key: value
        for key, value in data.items()
        if isinstance(value, list) and any(isinstance(row, dict) and "id" in row for row in value)
    }


def _rows(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [row for table in _tables(data).values() for row in table]


def _merged(
    base: Mapping[str, Any], own: dict[str, Any], drop: list[str], where: str
) -> dict[str, Any]:
    known_ids = {row["id"] for row in _rows(base)}
    if strangers := [rule_id for rule_id in drop if rule_id not in known_ids]:
        raise UnableToReadRules(
            gettext_noop("drop names unknown rules: %(names)s."),
            where=where,
            values={"names": ", ".join(strangers)},
        )
    merged = {**base, **own}
    for key, inherited in _tables(base).items():
        replaced = {row["id"]: row for row in own.get(key, [])}
        kept_rows = [replaced.pop(row["id"], row) for row in inherited if row["id"] not in drop]
        merged[key] = [*kept_rows, *replaced.values()]
    return merged
