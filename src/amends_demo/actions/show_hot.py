"""Show on a terminal which hidden causes the scans found, how soon, and what else they raised."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from amends.platform.kit.formats import format_count, is_chinese
from amends_demo.actions.hot import FoundCauses


def show_hot(found: FoundCauses, console: Console) -> None:
    """Print each cause of thirty persons and more beside the issue that found it."""
    language = get_language() or "en"
    rows = Table(title=_("Hidden causes, and the hot issues that found them"), title_justify="left")
    rows.add_column(_("Cause"), overflow="fold")
    rows.add_column(_("Persons"), justify="right")
    rows.add_column(_("Issue"), justify="right")
    rows.add_column(_("Days to find it"), justify="right")
    rows.add_column(_("Cause among the first three"))
    for one in found.sought:
        rows.add_row(
            one.hidden.zh if is_chinese(language) else one.hidden.en,
            format_count(one.persons, language),
            "–" if one.number is None else str(one.number),
            "–" if one.delay_days is None else f"{one.delay_days:.1f}",
            _("yes") if one.named else _("no"),
        )
    console.print(rows)
    median = found.median_delay_days
    said = _(
        "%(found)s of %(sought)s found, after %(days)s days in the median. "
        "Issues in all: %(issues)s; more with one matter in common: %(ordinary)s, "
        "with none: %(false)s."
    ) % {
        "found": sum(one.number is not None for one in found.sought),
        "sought": len(found.sought),
        "days": "–" if median is None else f"{median:.1f}",
        "issues": format_count(found.issues, language),
        "ordinary": format_count(found.ordinary, language),
        "false": format_count(found.false, language),
    }
    console.print(said, highlight=False)
