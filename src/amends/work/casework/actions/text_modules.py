"""Text modules: words that are often written, kept by language and class."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.placeholders import placeholders_in
from amends.work.casework.actions.teams import require_manager
from amends.work.casework.choices import ComposerMode
from amends.work.casework.models import TextModule
from amends.work.casework.queries.kinds import case_kinds


class UnableToSaveTextModule(BadInput):
    """The module is empty or uses a placeholder that no kind of case knows."""

    code = "unable_to_save_text_module"


def save_text_module(
    slug: str,
    language: str,
    *,
    title: str,
    text: str,
    subject: str = "",
    mode: str = ComposerMode.REPLY,
    classes: Iterable[str] = (),
    brand: str = "",
    actor: Actor,
    now: datetime,
) -> TextModule:
    """Make a text module, or change the one with this short name, language and brand."""
    require_manager(actor, brand)
    slug, title, text = slug.strip().lower(), " ".join(title.split())[:80], text.strip()
    usable = re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", slug) and title and text
    if not usable or language not in ("zh", "en") or mode not in ComposerMode.values:
        raise UnableToSaveTextModule(
            _("A text module needs a short name, a title, a language and a text."),
            meaning=_("Nothing was saved."),
            next_step=_("Fill in what is missing; the short name has letters, digits and dashes."),
        )
    allowed_names = {name for kind in case_kinds().values() for name in kind.placeholder_names()}
    if unknown := [
        name for name in placeholders_in(f"{subject}\n{text}") if name not in allowed_names
    ]:
        raise UnableToSaveTextModule(
            _("There is no placeholder %(name)s."),
            meaning=_("Nothing was saved."),
            next_step=_("Use one of these: %(known)s."),
            values={"name": unknown[0] or "{{ }}", "known": ", ".join(sorted(allowed_names))},
        )
    with transaction.atomic():
        same = {"slug": slug, "language": language, "brand": brand}
        row = TextModule.objects.select_for_update().filter(**same).first() or TextModule(**same)
        row.title, row.text, row.subject, row.mode = title, text, subject.strip()[:200], mode
        row.classes, row.is_active = sorted(set(classes)), True
        row.changed_by, row.changed_at = actor.ref, now
        row.save()
    return row


def remove_text_module(module: int, *, actor: Actor, now: datetime) -> None:
    """Offer a text module no more; what was written with it stays."""
    row = TextModule.objects.filter(pk=module).first()
    if row is None:
        return
    require_manager(actor, row.brand)
    row.is_active, row.changed_by, row.changed_at = False, actor.ref, now
    row.save(update_fields=["is_active", "changed_by", "changed_at"])
