"""Publish a statement about an issue in both languages; earlier versions are kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _

from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.platform.vault.redaction import redact_person
from amends.problems.emergencies.actions.steps import done
from amends.problems.emergencies.models import Statement
from amends.problems.hotissues.actions.authority import demand, locked_to_lead
from amends.problems.hotissues.actions.note import note
from amends.problems.hotissues.queries.records import HotIssue
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append


class UnableToPublishStatement(BadInput):
    """Something is missing in one of the languages, or there is nothing to withdraw."""

    code = "statement_not_published"


@dataclass(frozen=True, slots=True)
class Wording:
    """A statement in both languages."""

    title_zh: str
    title_en: str
    text_zh: str
    text_en: str

    def digest(self) -> str:
        """SHA-256 over the four texts, each ended by a zero byte."""
        full_text = "\0".join((self.title_zh, self.title_en, self.text_zh, self.text_en, ""))
        return sha256(full_text.encode()).hexdigest()


def publish(ref: str, wording: Wording, *, actor: Actor, now: datetime) -> Statement:
    """Publish the next version; there is one statement an issue, so it replaces the one before.

    A drill's statement is kept with the drill and shown on no public page.
    """
    demand(actor, "hotissues.lead", now)
    clean_wording = _clean(wording)
    with transaction.atomic():
        issue = locked_to_lead(ref, actor)
        last = issue.statements.order_by("-version").first()
        statement = Statement.objects.create(
            issue=issue,
            version=last.version + 1 if last else 1,
            title_zh=clean_wording.title_zh,
            title_en=clean_wording.title_en,
            text_zh=clean_wording.text_zh,
            text_en=clean_wording.text_en,
            published_at=now,
            published_by=actor.ref,
        )
        details: dict[str, object] = {"version": statement.version}
        note(issue, "statement", actor=actor, now=now, details=details)
        done(issue, "statement", actor=actor, now=now, details=details)
        if not issue.drill:
            _state(issue, statement.version, clean_wording, now)
    return statement


def withdraw_statement(ref: str, *, because: str, actor: Actor, now: datetime) -> Statement:
    """Withdraw the current statement; it stays readable in the history, marked as withdrawn."""
    demand(actor, "hotissues.lead", now)
    with transaction.atomic():
        issue = locked_to_lead(ref, actor)
        last = issue.statements.order_by("-version").first()
        if last is None or last.withdrawn_at is not None or not because.strip():
            raise UnableToPublishStatement(
                _("There is no statement to withdraw, or no reason is given."),
                next_step=_("State in a sentence why it no longer applies."),
            )
        last.withdrawn_at, last.withdrawn_by = now, actor.ref
        last.save(update_fields=["withdrawn_at", "withdrawn_by"])
        note(
            issue,
            "statement_withdrawn",
            actor=actor,
            now=now,
            reason=because,
            details={"version": last.version},
        )
        if not issue.drill:
            withdrawn_wording = Wording(
                title_zh=last.title_zh,
                title_en=last.title_en,
                text_zh=last.text_zh,
                text_en=last.text_en,
            )
            _state(issue, last.version, withdrawn_wording, now, withdrawn=1)
    return last


def _clean(wording: Wording) -> Wording:
    texts = [
        redact_person(text.strip())
        for text in (wording.title_zh, wording.title_en, wording.text_zh, wording.text_en)
    ]
    if not all(texts):
        raise UnableToPublishStatement(
            _("The statement is not complete in both languages."),
            meaning=_("Nothing was published."),
            next_step=_("Write title and text in Chinese and in English."),
        )
    return Wording(
        title_zh=texts[0][:120], title_en=texts[1][:200], text_zh=texts[2], text_en=texts[3]
    )


def _state(issue: HotIssue, version: int, wording: Wording, now: datetime, **more: int) -> None:
    payload: dict[str, str | int] = {
        "issue": issue.id,
        "statement_version": version,
        "sha256": wording.digest(),
        **asdict(wording),
        **more,
    }
    append(
        [
            Fact(
                kind="StatementPublished",
                subscriber="",
                subject=issue.subject,
                happened_at=now,
                source="hotissues",
                payload=payload,
            )
        ],
        now=now,
    )
