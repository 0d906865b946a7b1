"""What the first page after sign-in shows of confirmations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from amends.causes.confirmations.queries import orders_placed_by, uncovered
from amends.people.partners.queries import partner_names
from amends.platform.kit.actors import Actor
from amends.platform.kit.formats import is_chinese
from amends.platform.registry import HomeRow

MOST_READ = 5_000


def without_confirmation(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """Partners with services that run without a confirmation, the most first."""
    running = uncovered(limit=MOST_READ, brand=actor.brand)
    counts = Counter(row.agent or row.provider for row in running)
    language = "zh" if is_chinese(get_language() or "") else "en"
    names = partner_names([ref for ref in counts if ref], language)
    return [
        HomeRow(
            names.get(ref, ref) or _("The operator itself"),
            reverse("uncovered"),
            ngettext(
                "%(n)s service without a confirmation",
                "%(n)s services without a confirmation",
                number,
            )
            % {"n": number},
        )
        for ref, number in counts.most_common()
    ]


def own_orders(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """Orders that the actor placed and that the user has not answered, first to lapse first."""
    chinese = is_chinese(get_language() or "")
    return [
        HomeRow(
            (order.name_zh if chinese else order.name_en) or order.offer,
            "",
            order.get_state_display(),
            order.lapses_at,
        )
        for order in orders_placed_by(actor.ref)
    ]
