"""Rules in force: which file holds on a day, where it comes from, whether its source was read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from amends.people.access.web.permission import requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.people.access.web.signs import Sign, in_words
from amends.platform import registry
from amends.platform.kit.citations import is_own
from amends.platform.kit.dates import parse_day
from amends.platform.kit.errors import BadInput
from amends.platform.kit.packs import (
    RuleFile,
    UnableToFindRules,
    UnableToReadRules,
    jurisdictions,
    load_rules,
    load_version,
    names,
    pack,
    versions,
)


@dataclass(frozen=True, slots=True)
class RuleSetRow:
    """A set of rules as it holds on a day; `file` is None where none was in force."""

    app: str
    name: str
    title: str
    file: RuleFile | None
    mark: Sign
    older: int
    newer: date | None
    entries: int
    unread: int

    @property
    def label(self) -> str:
        """The label of the app, as addresses of rules have it."""
        return self.app.rpartition(".")[2]


def verified_sign(verified: bool | str, source: str) -> Sign:
    """Whether the law itself was read, a report of it, or neither; an own rule has no law."""
    if verified is True and is_own(source):
        return Sign(_("own rule"), "plain")
    if verified is True:
        return Sign(_("source read"), "ok")
    if verified == "press":
        return Sign(_("press only"), "warn")
    return Sign(_("not verified"), "warn")


def _entries(file: RuleFile) -> list[dict[str, Any]]:
    """Every entry that has an id and words, whatever its table is called."""
    return [
        row | {"table": table}
        for table, rows in file.data.items()
        if isinstance(rows, list)
        for row in rows
        if isinstance(row, dict) and "id" in row and "zh" in row
    ]


def _belongs(name: str, codes: set[str]) -> bool:
    """Whether a set is general, or of one of the jurisdictions looked at."""
    all_jurisdictions = set(jurisdictions())
    _stem, _dash, suffix = name.partition("-")
    return not suffix or suffix not in all_jurisdictions or suffix in codes


def held_on(day: date, code: str) -> list[RuleSetRow]:
    """Every set of rules of a jurisdiction (its national pack included) as it holds on a day."""
    codes = {code, pack(code, day).parent} - {""}
    held_rules = []
    for app in registry.rule_sets():
        for name in names(app):
            if _belongs(name, codes):
                held_rules.append(_held(app, name, day))
    return held_rules


def _held(app: str, name: str, day: date) -> RuleSetRow:
    dated = versions(app, name)
    file: RuleFile | None = None
    mark = Sign(_("not in force"), "plain")
    try:
        file = load_rules(app, name, day)
        mark = verified_sign(file.verified, file.source)
    except UnableToFindRules:
        pass
    except UnableToReadRules:
        mark = Sign(_("names no source"), "warn")
    entries = _entries(file) if file else []
    return RuleSetRow(
        app=app,
        name=name,
        title=_title(app, name, file),
        file=file,
        mark=mark,
        older=sum(version < file.effective_from for version in dated) if file else 0,
        newer=next((version for version in dated if version > day), None),
        entries=len(entries),
        unread=sum(row.get("verified") is not True for row in entries),
    )


def _title(app: str, name: str, file: RuleFile | None) -> str:
    """What a set is called; where none was in force, by its newest version."""
    try:
        return in_words(file or load_version(app, name, versions(app, name)[-1]))
    except UnableToReadRules:
        return name


def _day(text: str) -> date:
    if not text:
        today: date = timezone.localdate()
        return today
    try:
        return parse_day(text)
    except ValueError as error:
        raise BadInput(
            _("The day cannot be read."),
            next_step=_("Write it like 2026-11-24."),
            code="rules_unknown",
        ) from error


@requires("rules.read")
@refusals_as_pages
def rules(request: HttpRequest) -> HttpResponse:
    """The rules in force on a day in a jurisdiction."""
    day = _day(request.GET.get("on", ""))
    code = request.GET.get("pack", settings.JURISDICTION)
    if code not in jurisdictions():
        raise BadInput(
            _("There is no pack of that name."),
            next_step=_("Choose one of %(packs)s.") % {"packs": ", ".join(jurisdictions())},
            code="rules_unknown",
        )
    held_rules = held_on(day, code)
    context = {
        "day": day,
        "is_today": day == timezone.localdate(),
        "code": code,
        "packs": [
            (jurisdiction, in_words(pack(jurisdiction, day))) for jurisdiction in jurisdictions()
        ],
        "groups": [
            (title, [held_rule for held_rule in held_rules if held_rule.app == app])
            for app, title in registry.rule_sets().items()
        ],
    }
    return render(request, "desk/rules.html", context)


@requires("rules.read")
@refusals_as_pages
def rule_file(request: HttpRequest, app: str, version: str) -> HttpResponse:
    """One version of one set of rules, entry by entry."""
    name, _sep, day = version.partition("@")
    package = next((package for package in registry.rule_sets() if package.endswith(f".{app}")), "")
    if not package or _day(day) not in versions(package, name):
        raise BadInput(
            _("There is no such set of rules."),
            next_step=_("Go back to the rules in force."),
            code="rules_unknown",
        )
    file = load_version(package, name, _day(day))
    entries = [
        {
            "id": row["id"],
            "title": in_words(_Both(str(row.get("title_zh", "")), str(row.get("title_en", "")))),
            "text": in_words(_Both(str(row.get("zh", "")), str(row.get("en", "")))),
            "note": in_words(_Both(str(row.get("note_zh", "")), str(row.get("note_en", "")))),
            "source": row.get("source", ""),
            "mark": verified_sign(row.get("verified", False), row.get("source", "")),
            "since": row.get("since"),
        }
        for row in _entries(file)
    ]
    dated = [
        (version_day, f"{name}@{version_day.isoformat()}")
        for version_day in versions(package, name)
    ]
    context = {
        "file": file,
        "app": app,
        "title": in_words(file),
        "mark": verified_sign(file.verified, file.source),
        "entries": entries,
        "dated": dated,
    }
    return render(request, "desk/rule_file.html", context)


@dataclass(frozen=True, slots=True)
class _Both:
    zh: str
    en: str
