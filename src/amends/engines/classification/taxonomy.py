"""What complaints are about: our codes, and the regulators' classes they fall into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.packs import RuleFile, Verified, load_rules

_PACKAGE = "amends.engines.classification"


class UnableToTranslateClass(BadInput):
    """The code, scheme or class is not in this version of the taxonomy."""


@dataclass(frozen=True, slots=True)
class Code:
    """One leaf of the taxonomy. `classes` maps a regulator's scheme to its class.

    `kind` is the kind of matter the deadline packs know (`billing`, `outage`, …), empty if none.
    """

    code: str
    kind: str
    zh: str
    en: str
    definition_zh: str
    definition_en: str
    boundary_zh: str
    boundary_en: str
    classes: Mapping[str, str]

    @property
    def root(self) -> str:
        """The part before the dot."""
        return self.code.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Scheme:
    """A regulator's own classes, as its publications name them."""

    id: str
    zh: str
    en: str
    source: str
    verified: Verified
    classes: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """One version: its codes, and the schemes they are translated to.

    renamed  code of an earlier version → the one it is counted under now
    added    code of this version → the one the version before counted it under
    """

    version: str
    sha256: str
    codes: Mapping[str, Code]
    schemes: Mapping[str, Scheme]
    renamed: Mapping[str, str]
    added: Mapping[str, str]

    def forward(self, code: str) -> str:
        """What a code of the version before is counted under in this one.

        >>> taxonomy().forward("network.speed")
        'network.speed'
        """
        return self._code(self.renamed.get(code, code)).code

    def back(self, code: str) -> str:
        """What the version before counted a code of this one under.

        >>> taxonomy().back("service.self_service")
        'service.support'
        """
        return self.added.get(code, self._code(code).code)

    def class_of(self, code: str, scheme: str) -> str | None:
        """The regulator's class of a code; None where it has no counterpart.

        >>> taxonomy().class_of("marketing.promise_not_kept", "cn-2012")
        'service'
        >>> taxonomy().class_of("network.speed", "cn-2025") is None
        True
        """
        self._known(scheme)
        return self._code(code).classes.get(scheme)

    def codes_of(self, scheme: str, name: str) -> tuple[str, ...]:
        """The codes that fall into a regulator's class, in the order of the taxonomy.

        >>> taxonomy().codes_of("cn-2025", "marketing")
        ('marketing.promise_not_kept', 'marketing.bundling_exclusive')
        """
        if name not in self._known(scheme).classes:
            raise UnableToTranslateClass(
                _("%(scheme)s has no class “%(name)s”."), values={"scheme": scheme, "name": name}
            )
        return tuple(c.code for c in self.codes.values() if c.classes.get(scheme) == name)

    def counterparts(self, scheme: str, name: str, other_scheme: str) -> tuple[str | None, ...]:
        """What became of a class in another scheme; more than one, or None, marks a break.

        A figure may be carried over only where the answer is a single class *and* the way back
        is one too; otherwise the series has a break there.

        >>> taxonomy().counterparts("cn-2012", "service", "cn-2025")
        ('service_dispute', 'marketing', None)
        >>> taxonomy().counterparts("cn-2012", "charges", "cn-2025")
        ('tariff_dispute',)
        """
        self._known(other_scheme)
        counterpart_names = (
            self.class_of(code, other_scheme) for code in self.codes_of(scheme, name)
        )
        return tuple(
            sorted(
                dict.fromkeys(counterpart_names),
                key=lambda c: (c is None, self._rank(other_scheme, c)),
            )
        )

    def without_counterpart(self, scheme: str) -> tuple[str, ...]:
        """The codes a scheme has no class for.

        >>> taxonomy().without_counterpart("cn-2012")
        ('other.unspecific',)
        """
        self._known(scheme)
        return tuple(c.code for c in self.codes.values() if scheme not in c.classes)

    def _rank(self, scheme: str, name: str | None) -> int:
        return list(self.schemes[scheme].classes).index(name) if name else -1

    def _known(self, scheme: str) -> Scheme:
        if scheme not in self.schemes:
            raise UnableToTranslateClass(
                _("There is no scheme “%(scheme)s”."),
                next_step=_("Choose one of %(known)s."),
                values={"scheme": scheme, "known": ", ".join(self.schemes)},
            )
        return self.schemes[scheme]

    def _code(self, code: str) -> Code:
        if code not in self.codes:
            raise UnableToTranslateClass(
                _("%(version)s has no code “%(code)s”."),
                values={"version": self.version, "code": code},
            )
        return self.codes[code]


def taxonomy(on: date = date(2026, 11, 29)) -> Taxonomy:
    """The taxonomy in force on the day `on`.

    >>> len(taxonomy().codes), len(taxonomy(date(2026, 11, 24)).codes)
    (23, 22)
    """
    return _read(load_rules(_PACKAGE, "taxonomy", on))


@cache
def _read(file: RuleFile) -> Taxonomy:
    schemes = {row["id"]: _scheme(row) for row in file.data["schemes"]}
    codes = {row["code"]: _code(row, tuple(schemes)) for row in file.data["codes"]}
    renamed = {row["was"]: row["code"] for row in file.data.get("renamed", ())}
    added = {row["code"]: row["was"] for row in file.data.get("added", ())}
    return Taxonomy(
        version=file.version,
        sha256=file.sha256,
        codes=MappingProxyType(codes),
        schemes=MappingProxyType(schemes),
        renamed=MappingProxyType(renamed),
        added=MappingProxyType(added),
    )


def _scheme(row: dict[str, Any]) -> Scheme:
    classes = {entry["id"]: (entry["zh"], entry["en"]) for entry in row["classes"]}
    return Scheme(
        id=row["id"],
        zh=row["zh"],
        en=row["en"],
        source=row["source"],
        verified=row["verified"],
        classes=MappingProxyType(classes),
    )


def _code(row: dict[str, Any], schemes: tuple[str, ...]) -> Code:
    return Code(
        code=row["code"],
        kind=row.get("kind", ""),
        zh=row["zh"],
        en=row["en"],
        definition_zh=row["definition_zh"],
        definition_en=row["definition_en"],
        boundary_zh=row["boundary_zh"],
        boundary_en=row["boundary_en"],
        classes=MappingProxyType({s: row[s] for s in schemes if s in row}),
    )
