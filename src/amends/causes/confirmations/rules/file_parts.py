"""A part of the charges of a file: all of some services, judged and added up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from amends.causes.confirmations.rules.audit import WRONG, Demanded, Span, audit
from amends.causes.confirmations.rules.summary import Sums, findings, sums


@dataclass(frozen=True, slots=True)
class AuditQuestion:
    """The tests of every charge: see `rules.audit.audit`.

    wants_findings  whether services and charges that were found are wanted, beside the sums
    """

    gaps: Sequence[Span] = ()
    is_demanded: Demanded | None = None
    wants_findings: bool = False


@dataclass(frozen=True, slots=True)
class JudgedPart:
    """The findings in a part: its sums, findings, wrong charges, first and last charge."""

    sums: Sums
    findings: pl.DataFrame
    wrong: pl.DataFrame
    span_ms: tuple[int, int] | None


def judge_part(
    charges: pl.DataFrame, events: pl.DataFrame, question: AuditQuestion, *, without_offers: bool
) -> JudgedPart:
    """The verdicts on all charges of some services.

    without_offers  the services alone decide
    """
    if without_offers:
        plain = pl.lit("").alias("offer")
        charges, events = charges.with_columns(plain), events.with_columns(plain)
    verdicts = audit(charges, events, gaps=question.gaps, is_demanded=question.is_demanded)
    found = findings(charges, verdicts)
    wrong = charges.with_columns(pl.Series("code", verdicts.code)).filter(
        pl.Series(np.isin(verdicts.code, WRONG))
    )
    if not question.wants_findings:
        found, wrong = found.clear(), wrong.clear()
    at: Any = charges["charged_at_ms"]
    return JudgedPart(
        sums(charges, verdicts),
        found,
        wrong,
        (int(at.min()), int(at.max())) if charges.height else None,
    )
