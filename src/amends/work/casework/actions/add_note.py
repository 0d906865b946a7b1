"""Internal notes: words for colleagues, who are mentioned by `@name` or `@team`."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from amends.people.access.queries import actor_with_ref
from amends.people.access.queries.colleagues import refs_of_usernames
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.texts import clean
from amends.platform.vault.redaction import redact_person
from amends.work.casework.actions.notify import notify
from amends.work.casework.choices import ComposerMode, NotificationKind
from amends.work.casework.models import ComposerDraft, InternalNote
from amends.work.casework.queries.kinds import case_kind, require_visible
from amends.work.casework.queries.staff import members_of, teams
from amends.work.casework.rules.mentions import mentions_in

LONGEST = 10_000


class UnableToAddNote(BadInput):
    """The note is empty, too long, or mentions somebody who cannot see the case."""

    code = "unable_to_add_note"


def add_note(kind: str, key: str, *, text: str, actor: Actor, now: datetime) -> InternalNote:
    """Add a note and notify whom it mentions; telephone numbers and mailboxes in it are masked.

    Nothing is added if somebody mentioned is unknown or may not see the case. The actor's draft of
    a note is deleted with it, unless a client of the API adds the note for the actor.
    """
    require_visible(kind, [key], actor)
    note_text = clean(text).strip()
    if not note_text:
        raise UnableToAddNote(_("The note is empty."), next_step=_("Write something, then add it."))
    if len(note_text) > LONGEST:
        raise UnableToAddNote(
            _("A note has at most %(most)s characters."),
            meaning=_("Nothing was added."),
            next_step=_("Shorten it, or add a second note."),
            values={"most": f"{LONGEST:,}"},
        )
    mentioned = _mentioned(kind, key, note_text)
    with transaction.atomic():
        note = InternalNote.objects.create(
            kind=kind,
            key=key,
            at=now,
            author=actor.ref,
            client=actor.client,
            text=redact_person(note_text),
            mentions=mentioned,
        )
        notify(mentioned, kind, key, NotificationKind.MENTION, by=actor.ref, now=now)
        if not actor.client:
            ComposerDraft.objects.filter(
                kind=kind, key=key, person=actor.ref, mode=ComposerMode.NOTE
            ).delete()
    return note


def _mentioned(kind: str, key: str, text: str) -> list[str]:
    """References of the people mentioned; those of a team who may not see the case are left out."""
    names = mentions_in(text)
    if not names:
        return []
    refs_by_username = refs_of_usernames(names)
    slugs = {team.slug for team in teams()} & set(names)
    if unknown := [name for name in names if name not in refs_by_username and name not in slugs]:
        raise UnableToAddNote(
            _("There is no colleague or team named @%(name)s."),
            meaning=_("The note was not added; nobody was notified."),
            next_step=_("Use a colleague's sign-in name or the short name of a team."),
            values={"name": unknown[0]},
        )
    of_teams = members_of(slugs) - set(refs_by_username.values())
    seeing = {ref for ref in (*refs_by_username.values(), *of_teams) if _sees(ref, kind, key)}
    for name, ref in refs_by_username.items():
        if ref not in seeing:
            raise UnableToAddNote(
                _("@%(name)s may not see this case."),
                meaning=_("The note was not added; nobody was notified."),
                next_step=_("Mention someone who may, or assign the case to their team first."),
                values={"name": name},
            )
    return [*dict.fromkeys(refs_by_username.values()), *sorted(of_teams & seeing)]


def _sees(ref: str, kind: str, key: str) -> bool:
    return bool(case_kind(kind).visible([key], actor_with_ref(ref)))
