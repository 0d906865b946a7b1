"""Print what became of the questions about the recharge campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from rich.console import Console

    from amends_demo.actions.recharge_campaign import CampaignAnswered


def show_recharge_campaign(campaign: CampaignAnswered, console: Console) -> None:
    """Print how many asked, for how many the article was found, and how complaints fell."""
    message = _(
        "Recharge campaign: %(asked)s people asked first (help centre %(help)s, chat %(chat)s, "
        "social media %(social)s); the search put the right article first for %(found)s."
    )
    asked_by_channel = {channel: row["asked"] for channel, row in campaign.by_channel.items()}
    lines = [message % (asked_by_channel | {"asked": campaign.asked, "found": campaign.found})]
    if campaign.gates:
        message = _(
            "%(shown)s were shown it; %(complaints)s complained, %(without)s would have without "
            "gates."
        )
    else:
        message = _("Nobody was shown it; %(complaints)s complained.")
    values = {
        "shown": campaign.shown,
        "complaints": campaign.complaints,
        "without": campaign.complaints_without,
    }
    lines.append(message % values)
    console.print("\n".join(lines), highlight=False)
