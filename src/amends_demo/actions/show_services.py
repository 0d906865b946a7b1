"""Print what probes and scores of partners found, and what became of complaints."""

from __future__ import annotations

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from rich.console import Console

from amends.platform.kit.formats import is_chinese
from amends_demo.actions.services import FAILING, ServicesWatched
from amends_demo.rules.catalogue import PARTNERS, offer


def show_services(watched: ServicesWatched, console: Console) -> None:
    """A line for the service whose delivery failed, and one for the partner that is flagged."""
    chinese = is_chinese(get_language() or "en")
    name = offer(FAILING).zh if chinese else offer(FAILING).en
    lines = []
    if watched.located_after_min is not None:
        message = _(
            "%(service)s: probes located the fault at its delivery %(after)s minutes after it "
            "began; it lasted %(hours)s h."
        )
        lines.append(
            message
            % {"service": name, "after": watched.located_after_min, "hours": watched.fault_h}
        )
    complaints = ngettext(
        "%(count)s person complained about it, %(without)s would have without gates.",
        "%(count)s people complained about it, %(without)s would have without gates.",
        watched.complaints,
    )
    lines.append(complaints % {"count": watched.complaints, "without": watched.complaints_without})
    if watched.unconfirmed and watched.before_peak_days is not None:
        partner = next(
            listed_partner
            for listed_partner in PARTNERS
            if listed_partner.ref == watched.unconfirmed
        )
        message = ngettext(
            "The score of %(partner)s shows services without confirmation %(days)s day before "
            "complaints about them peaked.",
            "The score of %(partner)s shows services without confirmation %(days)s days before "
            "complaints about them peaked.",
            watched.before_peak_days,
        )
        values = {
            "partner": partner.zh if chinese else partner.en,
            "days": watched.before_peak_days,
        }
        lines.append(message % values)
    console.print("\n".join(lines), highlight=False)
