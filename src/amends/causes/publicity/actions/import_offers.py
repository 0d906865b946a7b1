"""Key facts of offers out of a file into the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext as _

from amends.causes.publicity.actions.register_offers import register_offers
from amends.causes.publicity.queries.files import read_offer_lines
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import AmendsError
from amends.platform.tabular.report import FileReport
from amends.platform.tabular.tables import Reject


@dataclass(frozen=True, slots=True)
class OfferImport:
    """What became of the rows of a file: `read` = `accepted` + `duplicates` + `rejected`.

    rejects_file  where the refused rows are, with their reasons; "" where none was refused
    """

    read: int
    accepted: int
    duplicates: int
    rejected: int
    rejects_file: str
    notes: tuple[str, ...]

    @classmethod
    def of(cls, report: FileReport) -> OfferImport:
        """The same figures of a report."""
        return cls(
            report.read,
            report.accepted,
            report.duplicates,
            report.rejected,
            report.rejects_file,
            tuple(report.notes),
        )


def import_offers(path: Path, *, rejects: Path, actor: Actor, now: datetime) -> FileReport:
    """Record the offers of a file (flat form or TMF620); one that says nothing new is a duplicate.

    Bad rows are set aside with their reasons, and the others are recorded.
    """
    offers, refused = read_offer_lines(path)
    report = FileReport(read=len(offers) + len(refused))
    for line, offer in offers:
        try:
            is_new = register_offers([offer], actor=actor, now=now)
        except AmendsError as why:
            refused.append(
                Reject(
                    line=line, reason="%(why)s", cells=(offer.id,), values={"why": why.in_words(_)}
                )
            )
        else:
            report.accepted += is_new
            report.duplicates += not is_new
    report.set_aside(["id"], refused, rejects)
    return report
