"""Chats as cases: drafts, notes and text modules of casework work for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.utils.translation import gettext_lazy as _

from amends.entrances.chats.choices import ChatState
from amends.entrances.chats.models import Chat
from amends.entrances.chats.queries import PERMISSION, first_words, visible_chats
from amends.people.access.queries import may
from amends.people.operator.queries import operator
from amends.platform.kit.actors import Actor
from amends.work.casework.queries.kinds import CaseKind, CaseSummary


class ChatKind(CaseKind):
    """Chats of the public site."""

    name = "chat"
    title = _("chat")

    def summaries(self, keys: Collection[str]) -> dict[str, CaseSummary]:
        """The chats with these ids."""
        rows = list(Chat.objects.filter(id__in=keys))
        texts = first_words(rows)
        return {
            row.id: CaseSummary(
                kind="chat",
                key=row.id,
                label=str(self.title),
                title=texts.get(row.id, ""),
                path=f"/desk/chats/{row.id}/",
                code="",
                area="",
                language=row.language,
                brand=row.brand,
                is_open=row.is_open,
                received_at=row.began_at,
            )
            for row in rows
        }

    def visible(self, keys: Collection[str], actor: Actor) -> set[str]:
        """Chats of the actor's brand, for roles that handle complaints."""
        if not may(actor.roles, PERMISSION):
            return set()
        return set(visible_chats(actor).filter(id__in=keys).values_list("id", flat=True))

    def workable(self, keys: Collection[str], actor: Actor) -> set[str]:
        """The same: who sees a chat may answer it."""
        return self.visible(keys, actor)

    def open_cases(self, people: Collection[str]) -> dict[str, int]:
        """How many open chats each person has."""
        rows = Chat.objects.filter(handler__in=list(people)).exclude(state=ChatState.ENDED)
        counts: dict[str, int] = {}
        for handler in rows.values_list("handler", flat=True):
            counts[handler] = counts.get(handler, 0) + 1
        return counts

    def open_keys_of(self, person: str) -> list[str]:
        """The open chats of a person."""
        rows = Chat.objects.filter(handler=person).exclude(state=ChatState.ENDED)
        return list(rows.values_list("id", flat=True))

    def placeholders(self, key: str, actor: Actor) -> Mapping[str, str]:
        """Values for text modules."""
        chat = Chat.objects.get(id=key)
        return {"operator": operator().name_in(chat.language)}

    def placeholder_names(self) -> tuple[str, ...]:
        """Names of `placeholders`."""
        return ("operator",)
