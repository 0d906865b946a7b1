"""What is to be done: money back on each charge, and deeds in words."""

from __future__ import annotations

from amends.decisions.dossier.model import Dossier
from amends.decisions.evidence import Matter
from amends.decisions.rulings.book import Book, Both
from amends.decisions.rulings.findings import GroundFinding
from amends.decisions.rulings.model import RemedyProposal
from amends.decisions.rulings.money import RefundLine, RefundTotals
from amends.kit.formats import format_date, format_money


def remedies_of(
    ruled: list[GroundFinding], total: RefundTotals, dossier: Dossier, matter: Matter, book: Book
) -> tuple[RemedyProposal, ...]:
    """Money on each charge that is owed some, then one proposal for each kind of deed."""
    money = [_money_back(line, matter, book) for line in total.lines if line.owed_minor]
    deeds: dict[str, dict[Both, None]] = {}
    for finding in ruled:
        zh_name, en_name = _name_of(finding.row.about, dossier, book)
        for deed in finding.rule.deeds if finding.rule else ():
            kind, (zh, en) = book.deeds[deed]
            said = (zh.format(name=zh_name), en.format(name=en_name))
            deeds.setdefault(kind, {})[said] = None
    done = [
        RemedyProposal(
            kind,
            0,
            total.currency,
            "",
            "；".join(zh for zh, _ in texts),
            "; ".join(en for _, en in texts),
        )
        for kind, texts in deeds.items()
    ]
    return (*money, *done)


def _name_of(service: str, dossier: Dossier, book: Book) -> Both:
    """The service in words, or `this service`."""
    for each in dossier.services:
        if each.service == service:
            return f"“{each.zh}”", f"“{each.en}”"
    return book.sentences["this_service"]


def _money_back(line: RefundLine, matter: Matter, book: Book) -> RemedyProposal:
    kind, entry = line.rule.kind, line.entry
    _, (zh, en) = book.deeds[kind]
    amount = format_money(line.owed_minor, entry.currency)
    zh_day = format_date(entry.charged_at_ms, "zh", matter.zone)
    en_day = format_date(entry.charged_at_ms, "en", matter.zone)
    return RemedyProposal(
        kind=kind,
        amount_minor=line.owed_minor,
        currency=entry.currency,
        charge=entry.charge,
        zh=zh.format(name=entry.zh, day=zh_day, amount=amount),
        en=en.format(name=entry.en, day=en_day, amount=amount),
        service=entry.service,
        charge_minor=entry.amount_minor,
        refunded_minor=entry.refunded_minor,
    )
