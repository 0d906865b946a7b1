"""Hand over: one file for the regulator with the findings, all letters, and proofs of the facts.

A stranger verifies it offline: `verify_bundle.py` checks the proofs, and that the documents beside
them are those the operator signed for. What was handed over is kept as it was.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amends.cases.complaints.actions.answer import ReplyDraft, answer_many
from amends.cases.complaints.actions.letters import day, regulator_contact, topic
from amends.cases.complaints.actions.recount import point_to_next
from amends.cases.complaints.models import (
    Clock,
    Complaint,
    Contact,
    Decision,
    Event,
    Handover,
    Kind,
    Reply,
)
from amends.engines.decisions.admissibility import regulator
from amends.engines.decisions.clocks import ANSWER_REGULATOR
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.errors import Refused
from amends.platform.kit.formats import format_moment, format_money, is_chinese
from amends.platform.vault import stored_files
from amends.platform.vault.redaction import redact_person
from amends.record.ledger.queries import facts_on, proof_bundle
from amends.record.ledger.refusals import UnableToProve

# Whoever passes it on, the letter is the desk's: a complainant does not write to themselves.
DESK = system("desk")
FILES = stored_files.FileStore("complaints_handover", "key", "complaints")
OWN_FACTS = ("ComplaintReceived", "DecisionMade", "ReplySent", "RemedyGranted", "OutcomeAnswered")
AT_ONCE = 50
PROOF, FINDINGS, RECORD, LETTERS, README = (
    "proof.json",
    "findings.txt",
    "findings.json",
    "letters.txt",
    "readme.txt",
)
_VERDICTS = {
    "upheld": gettext_lazy("upheld"),
    "partly_upheld": gettext_lazy("partly upheld"),
    "not_upheld": gettext_lazy("not upheld"),
    "person_must_decide": gettext_lazy("a person decides"),
}


class UnableToHandToRegulator(Refused):
    """There is nothing yet that a regulator could look at."""

    code = "unable_to_pass_on"


@dataclass(frozen=True, slots=True)
class RegulatorFile:
    """The archive, and how many facts it proves."""

    archive: bytes
    facts: int


def ask_handover(complaint: Complaint, *, actor: Actor, now: datetime) -> Handover:
    """Ask for the file to be made; it is made at once if every fact in it is numbered."""
    facts_of(complaint)
    with transaction.atomic():
        wanted = Handover.objects.create(complaint=complaint, asked_at=now, asked_by=actor.ref)
        _make(wanted, now)
    return wanted


def make_waiting(*, now: datetime) -> int:
    """Make the files whose facts were not numbered when they were asked for: how many."""
    made_count = 0
    waiting = Handover.objects.filter(made_at__isnull=True).order_by("asked_at", "id")
    for ref in list(waiting.values_list("id", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            rows = Handover.objects.select_for_update(skip_locked=True, of=("self",))
            handover = rows.select_related("complaint").filter(id=ref, made_at__isnull=True).first()
            made_count += handover is not None and _make(handover, now)
    return made_count


def stored_archive(ref: str) -> bytes | None:
    """The file that was handed over last, as it was; None if there was none."""
    handovers = Handover.objects.filter(complaint=ref, made_at__isnull=False).order_by(
        "-made_at", "-id"
    )
    row = handovers.first()
    if row is None:
        return None
    return stored_files.read(row.id, FILES.path(row.id), bytes(row.key), store=FILES)


def evidence_file(ref: str, *, now: datetime) -> bytes:
    """What was handed over; before that, the file as it would be handed over now.

    Pseudonyms and references stand in it; personal data in what people wrote is masked.
    """
    try:
        return stored_archive(ref) or archive(Complaint.objects.get(id=ref), now=now).archive
    except UnableToProve as error:
        raise UnableToHandToRegulator(
            _("The newest facts on this complaint are not numbered yet."),
            meaning=_("The file cannot be made this moment; nothing was changed."),
            next_step=_("Try again in some seconds."),
        ) from error


def has_evidence(complaint: Complaint) -> bool:
    """Whether there is a file to hand over: an enquiry states no fact."""
    return complaint.kind == Kind.COMPLAINT


def facts_of(complaint: Complaint) -> list[str]:
    """Ids of the facts to prove: those found, the coverage statements, and our own acts.

    Raises UnableToPassOn where there is none.
    """
    decision = _standing(complaint)
    own = [fact.id for fact in facts_on(complaint.id, kinds=OWN_FACTS)]
    fact_refs = list(dict.fromkeys([*own, *_cited(decision)]))
    if not fact_refs:
        raise UnableToHandToRegulator(
            _("No fact on this complaint is on record."),
            meaning=_("There is nothing a regulator could verify, so nothing was sent to it."),
            next_step=_("Take it up as a complaint first; then it can go to the regulator."),
        )
    return fact_refs


def archive(complaint: Complaint, *, now: datetime) -> RegulatorFile:
    """The file as it would be handed over at `now`; raises UnableToProve, UnableToPassOn."""
    decision = _standing(complaint)
    facts = facts_of(complaint)
    with translation.override("zh-hans" if is_chinese(complaint.language) else "en"):
        papers = {
            FINDINGS: _findings(complaint, decision, now).encode(),
            LETTERS: _letters(complaint).encode(),
            README: _readme(complaint).encode(),
        }
    if decision is not None:
        papers[RECORD] = _record(decision)
    proof = proof_bundle(facts, enclosed=papers).encode()
    return RegulatorFile(
        _packed({README: papers.pop(README), PROOF: proof, **papers}, now), len(facts)
    )


def _make(wanted: Handover, now: datetime) -> bool:
    """Make, keep and tell; False while a fact is not numbered yet."""
    complaint = wanted.complaint
    try:
        evidence = archive(complaint, now=now)
    except UnableToProve:
        return False
    _path, wanted.key = stored_files.write(wanted.id, evidence.archive, store=FILES)
    wanted.made_at, wanted.size_bytes = now, len(evidence.archive)
    wanted.sha256, wanted.facts = sha256(evidence.archive).hexdigest(), evidence.facts
    wanted.save()
    Event.objects.create(
        complaint=complaint,
        at=now,
        verb="handed_over",
        actor=wanted.asked_by,
        details={"handover": wanted.id, "sha256": wanted.sha256, "facts": evidence.facts},
    )
    _meet_its_clock(complaint, now)
    answer_many(
        [ReplyDraft(complaint, "handover", _letter_fields(complaint, now))], actor=DESK, now=now
    )
    return True


def _meet_its_clock(complaint: Complaint, now: datetime) -> None:
    """The regulator that asked has its answer; the complaint shows its next deadline, if any."""
    clocks = Clock.objects.filter(complaint=complaint, step=ANSWER_REGULATOR, met_at__isnull=True)
    if clocks.update(met_at=now):
        point_to_next(complaint)
        complaint.save(update_fields=["next_step", "next_due_at"])


def _letter_fields(complaint: Complaint, now: datetime) -> dict[str, str]:
    body = regulator(complaint.jurisdiction, complaint.province)
    decided = "with_findings" if _standing(complaint) else "without_findings"
    return {
        "regulator": body.zh if is_chinese(complaint.language) else body.en,
        "passed_on": day(now, complaint),
        decided: "1",
        "regulator_contact": regulator_contact(complaint),
    }


def _standing(complaint: Complaint) -> Decision | None:
    return complaint.decisions.order_by("-at", "-id").first()


def _cited(decision: Decision | None) -> Iterable[str]:
    """Every fact a row, a ground or a reason names, and the statements of coverage behind rows."""
    if decision is None:
        return
    for row in _rows(decision):
        yield from row.get("facts", [])
        yield from row.get("coverage", [])
    for part in (*decision.dossier.get("grounds", []), *decision.decision.get("reasons", [])):
        yield from part.get("facts", [])


def _rows(decision: Decision) -> Sequence[Mapping[str, Any]]:
    rows: Sequence[Mapping[str, Any]] = decision.dossier.get("rows", [])
    return rows


def _findings(complaint: Complaint, decision: Decision | None, now: datetime) -> str:
    """What was found and decided, to be read; with the facts behind each answer."""
    language = "zh" if is_chinese(complaint.language) else "en"
    lines = [
        _("Complaint %(code)s") % {"code": complaint.code_public},
        _("Received: %(when)s") % {"when": _when(complaint.received_at, complaint)},
        _("About: %(topic)s") % {"topic": topic(complaint)},
        _("State of %(when)s") % {"when": _when(now, complaint)},
        "",
    ]
    if decision is None:
        return "\n".join([*lines, _("No decision was made."), ""])
    amount = format_money(decision.amount_minor, decision.currency) if decision.currency else "—"
    verdict = _VERDICTS.get(decision.verdict, decision.verdict)
    lines += [_("Decision: %(verdict)s, %(amount)s") % {"verdict": verdict, "amount": amount}]
    if decision.decided_by:
        lines += [_("Who decided: %(who)s") % {"who": decision.decided_by_text()}]
    for reason in decision.decision.get("reasons", []):
        lines.append(f"· {redact_person(reason[language])}")
        if reason.get("rule"):
            lines.append(f"  {reason[f'rule_{language}']} ({reason.get('source', '')})")
    lines += ["", _("What the records say")]
    for number, row in enumerate(_rows(decision), start=1):
        lines += ["", f"{number}. {row.get(f'asked_{language}', '')}", f"   {row[language]}"]
        if row.get(f"gap_{language}"):
            lines.append(f"   {row[f'gap_{language}']}")
        if row.get("facts"):
            lines.append(_("   Facts: %(ids)s") % {"ids": " ".join(row["facts"])})
        if row.get("coverage"):
            ids = {"ids": " ".join(row["coverage"])}
            lines.append(_("   Completeness of the records: %(ids)s") % ids)
    return "\n".join([*lines, ""])


def _letters(complaint: Complaint) -> str:
    """Both sides of the correspondence in order of time, masked."""
    letters = [
        (contact.received_at, _("From the complainant"), "", contact.text)
        for contact in Contact.objects.filter(complaint=complaint).order_by("received_at", "id")
    ]
    letters += [
        (reply.posted_at, _("To the complainant"), reply.subject, reply.body)
        for reply in Reply.objects.filter(complaint=complaint, posted_at__isnull=False)
        if reply.kind != "identity_code" and reply.posted_at is not None
    ]
    return "\n".join(
        f"── {_when(at, complaint)} · {who}\n{redact_person(subject)}\n\n{redact_person(body)}\n"
        for at, who, subject, body in sorted(letters, key=lambda each: each[0])
    )


def _readme(complaint: Complaint) -> str:
    return "\n".join(
        [
            _("Complaint %(code)s: what we found, all letters, and the evidence.")
            % {"code": complaint.code_public},
            "",
            _("findings.txt: what the records say and what was decided; findings.json: all of it."),
            _(
                "letters.txt: what the complainant wrote and what we answered; "
                "personal data is masked."
            ),
            _("proof.json: every fact these papers name, with its proof."),
            "",
            _("To verify all of it without us, put verify_bundle.py beside these files and run:"),
            f"python verify_bundle.py --key KEY {PROOF}",
            _(
                "KEY is the verifier key of our ledger; "
                "have it from us by another way than this file."
            ),
            "",
        ]
    )


def _record(decision: Decision) -> bytes:
    """The dossier and the decision as they were made."""
    document = {"dossier": decision.dossier, "decision": decision.decision}
    return json.dumps(document, sort_keys=True, ensure_ascii=False, indent=1).encode()


def _when(moment: datetime, complaint: Complaint) -> str:
    return format_moment(moment, complaint.language, settings.TIME_ZONE)


def _packed(files: Mapping[str, bytes], now: datetime) -> bytes:
    buffer = io.BytesIO()
    stamp = (max(now.year, 1980), now.month, now.day, now.hour, now.minute, now.second)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(zipfile.ZipInfo(name, stamp), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
