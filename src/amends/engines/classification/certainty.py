"""How sure a class must be, and which others remain possible: measured on texts outside training.

The figures are dated data (`certainty@….toml`) of one version of the classifier, written by
`python -m training.certainty`. No class is certain by a model that they were not measured for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from amends.platform.kit.packs import load_version, versions

_PACKAGE = "amends.engines.classification"
NEVER = 2.0
"""A confidence that no text reaches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certainty:
    """From which probabilities on a class is certain, and another one possible, in one language.

    certain_from    confidence from which on 99 % of the held-out texts are in the right class
    plausible_from  a class with at least this probability is possible: the highest one at which the
                    right class of 95 % of the texts is the first one or a possible one
    texts           held-out texts measured; of them `sure` reach `certain_from`
    sure_right      share of these in the right class
    covered         share of all texts whose right class is the first one or a possible one
    """

    certain_from: float
    plausible_from: float
    texts: int
    sure: int
    sure_right: float
    covered: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredCertainty:
    """The figures of one file: `classifier` and its `fingerprint`, then language → figures."""

    version: str
    classifier: str
    fingerprint: str
    by_language: Mapping[str, Certainty]

    def of(self, fingerprint: str, language: str) -> Certainty:
        """The figures of a model in a language (`en`, `zh`)."""
        certainty = self.by_language[language]
        if fingerprint == self.fingerprint:
            return certainty
        return Certainty(
            certain_from=NEVER,
            plausible_from=certainty.plausible_from,
            texts=0,
            sure=0,
            sure_right=0.0,
            covered=0.0,
        )


def measured_certainty() -> MeasuredCertainty:
    """The newest figures.

    >>> 0.9 < measured_certainty().by_language["zh"].certain_from < 1
    True
    """
    return _read(versions(_PACKAGE, "certainty")[-1])


@cache
def _read(version: date) -> MeasuredCertainty:
    file = load_version(_PACKAGE, "certainty", version)
    return MeasuredCertainty(
        version=file.version,
        classifier=str(file.data["classifier"]["file"]),
        fingerprint=str(file.data["classifier"]["fingerprint"]),
        by_language={
            language: Certainty(**row) for language, row in file.data["languages"].items()
        },
    )
