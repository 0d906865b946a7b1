"""Causes that show in no curve: those they touched complain far more than others do.

A clerk who reads data for nobody's case, week after week, raises no count on any day. But of those
whose data were read, many more complain of misuse than of those who were not. For each cause and
each class: the number of its persons among all who complained of the class, against the share it
has among those who complained of something else (binomial; disproportionality as in the signals
of drug safety, Evans 2001, Pharmacoepidemiol Drug Saf 10:483-486, doi:10.1002/pds.677).

A notice that was not sent goes with what it should have told of: those who use up what they have
complain of that anyway. They are held against those who used it up and were told: of all of both
who complained of the class, the share that was not told, against their share of both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import scipy

from amends.engines.detection.causes import Exposure

LEAST_PERSONS = 6
LEAST_RATIO = 3.0


@dataclass(frozen=True, slots=True)
class Contrast:
    """A class of which those touched by an exposure complain far more than others."""

    exposure: Exposure
    code: str
    persons: frozenset[str]
    expected: float
    p_value: float


def contrasts(
    exposures: Sequence[Exposure],
    persons_by_code: Mapping[str, AbstractSet[str]],
    *,
    false_a_look: float,
) -> list[Contrast]:
    """The surest contrasts, one a cause, at so many expected by chance in one look.

    persons_by_code  class → who complained of it in the period

    >>> read = Exposure("lookups", "u", 0, None, frozenset(f"r{n}" for n in range(30)))
    >>> codes = {"privacy": {f"r{n}" for n in range(9)} | {"a", "b"},
    ...          "speed": {f"s{n}" for n in range(80)} | {"r1"}}
    >>> [(one.code, len(one.persons)) for one in contrasts([read], codes, false_a_look=0.01)]
    [('privacy', 9)]
    >>> untold = Exposure("notices_missing", "cap", 0, None, frozenset(f"u{n}" for n in range(20)),
    ...                   unaffected=frozenset(f"t{n}" for n in range(300)))
    >>> codes = {"usage": {f"u{n}" for n in range(8)} | {f"t{n}" for n in range(10)}}
    >>> [(one.code, len(one.persons), round(one.expected, 1)) for one in
    ...  contrasts([untold], codes, false_a_look=0.01)]
    [('usage', 8, 1.2)]
    """
    contrast_list: list[Contrast] = []
    tests = max(1, len(exposures) * len(persons_by_code))
    for exposure in exposures:
        best: Contrast | None = None
        for code, persons in persons_by_code.items():
            touched = frozenset(persons & exposure.persons)
            if len(touched) < LEAST_PERSONS:
                continue
            if exposure.unaffected is None:
                other_persons = frozenset().union(
                    *(p for c, p in persons_by_code.items() if c != code)
                )
                other_persons -= persons
                share = (len(other_persons & exposure.persons) + 1.0) / (len(other_persons) + 2.0)
                size = len(persons)
            else:
                unaffected = exposure.unaffected - exposure.persons
                share = (len(exposure.persons) + 1.0) / (len(exposure.persons | unaffected) + 2.0)
                size = len(touched) + len(persons & unaffected)
            expected = share * size
            p = float(scipy.stats.binom.sf(len(touched) - 1, size, share))
            unlikely = p * tests <= false_a_look and len(touched) >= LEAST_RATIO * expected
            if unlikely and (best is None or p < best.p_value):
                best = Contrast(
                    exposure=exposure, code=code, persons=touched, expected=expected, p_value=p
                )
        if best:
            contrast_list.append(best)
    return sorted(contrast_list, key=lambda contrast: contrast.p_value)
