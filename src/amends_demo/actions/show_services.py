"""Print what probes and scores of partners found, and what became of complaints."""

from __future__ import annotations

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from rich.console import Console

from amends.platform.kit.formats import is_chinese
from amends_demo.actions.services import FAILING, ServicesWatched
from amends_demo.rules.catalogue import PARTNERS, offer


def show_services(found: ServicesWatched, console: Console) -> None:
    """A line for the service whose delivery failed, and one for the partner that is flagged."""
    chinese = is_chinese(get_language() or "en")
    name = offer(FAILING).zh if chinese else offer(FAILING).en
    lines = []
    if found.located_after_min is not None:
        said = _(
            "%(service)s: probes located the fault at its delivery %(after)s minutes after it "
            "began; it lasted %(hours)s h."
        )
        lines.append(
            said % {"service": name, "after": found.located_after_min, "hours": found.fault_h}
        )
    complaints = ngettext(
        "%(count)s person complained about it, %(without)s would have without gates.",
        "%(count)s people complained about it, %(without)s would have without gates.",
        found.complaints,
    )
    lines.append(complaints % {"count": found.complaints, "without": found.complaints_without})
    if found.unconfirmed and found.before_peak_days is not None:
        partner = next(one for one in PARTNERS if one.ref == found.unconfirmed)
        said = ngettext(
            "The score of %(partner)s shows services without confirmation %(days)s day before "
            "complaints about them peaked.",
            "The score of %(partner)s shows services without confirmation %(days)s days before "
            "complaints about them peaked.",
            found.before_peak_days,
        )
        values = {
            "partner": partner.zh if chinese else partner.en,
            "days": found.before_peak_days,
        }
        lines.append(said % values)
    console.print("\n".join(lines), highlight=False)
