"""The gate `notices` of a launch: will its users be warned before it costs more?"""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from amends.engines.duties.book import book
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.packs import day_in
from amends.record.catalogue.queries import offer


def users_are_warned(subject: str) -> tuple[str, str]:
    """Red where the pack has no duties, or use beyond the plan costs and no allowance is known.

    Without an allowance on record the engine cannot tell how near its end is.
    """
    now = timezone.now()
    terms = offer(subject, now)
    if terms is None:
        return "open", ""
    if not book(settings.JURISDICTION, day_in(settings.JURISDICTION, now)).duties:
        return "red", _("The pack has no duties to remind users.")
    if terms.out_of_plan_minor_per_mb and not terms.allowance_mb:
        return "red", _("More use costs extra, and no allowance is on record to warn of.")
    return "green", ""
