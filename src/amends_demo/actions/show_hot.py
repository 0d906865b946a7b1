"""Show on a terminal which hidden causes the scans found, how soon, and what else they raised."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from amends.platform.kit.formats import format_count, is_chinese
from amends_demo.actions.hot import FoundCauses


def show_hot(hot_found: FoundCauses, console: Console) -> None:
    """Print each cause of thirty persons and more beside the issue that found it."""
    language = get_language() or "en"
    rows = Table(title=_("Hidden causes, and the hot issues that found them"), title_justify="left")
    rows.add_column(_("Cause"), overflow="fold")
    rows.add_column(_("Persons"), justify="right")
    rows.add_column(_("Issue"), justify="right")
    rows.add_column(_("Days to find it"), justify="right")
    rows.add_column(_("Cause among the first three"))
    for sought_cause in hot_found.sought:
        rows.add_row(
            sought_cause.hidden.zh if is_chinese(language) else sought_cause.hidden.en,
            format_count(sought_cause.persons, language),
            "–" if sought_cause.number is None else str(sought_cause.number),
            "–" if sought_cause.delay_days is None else f"{sought_cause.delay_days:.1f}",
            _("yes") if sought_cause.named else _("no"),
        )
    console.print(rows)
    median = hot_found.median_delay_days
    message = _(
        "%(found)s of %(sought)s found, after %(days)s days in the median. "
        "Issues in all: %(issues)s; more with one matter in common: %(ordinary)s, "
        "with none: %(false)s."
    ) % {
        "found": sum(sought_cause.number is not None for sought_cause in hot_found.sought),
        "sought": len(hot_found.sought),
        "days": "–" if median is None else f"{median:.1f}",
        "issues": format_count(hot_found.issues, language),
        "ordinary": format_count(hot_found.ordinary, language),
        "false": format_count(hot_found.false, language),
    }
    console.print(message, highlight=False)
