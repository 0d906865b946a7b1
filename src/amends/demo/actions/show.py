"""Show the demonstration's report on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from amends.demo.rules.comparison import Report, Share
from amends.kit.money import format_minor

_MARKS = (
    ("decided_alone", "Decided by rules alone, of what facts can decide", 0.60, False),
    ("left_to_person", "Left to a person, of what facts cannot decide", 0.95, False),
    ("verdict_right", "Verdict right, of what rules decided alone", 0.95, False),
    ("amount_exact", "Amount exact to the fen, of what was rightly upheld", 0.99, False),
    ("wrongly_upheld", "Upheld wrongly or paid too much", 0.01, True),
    ("class_right", "Class fits", 0.0, False),
    ("repeats_joined", "Said again while open, and joined to its complaint", 0.0, False),
    ("in_time", "Answered in time, of what was due", 0.0, False),
)


def show(report: Report, console: Console) -> None:
    """Print the report: complaints by class, then each share beside its target."""
    classes = Table(title="Complaints by class", title_justify="left")
    classes.add_column("Class")
    classes.add_column("Complaints", justify="right")
    for code, count in report.by_class.items():
        classes.add_row(code, f"{count:,}")
    console.print(classes)
    figures = Table(title="Decisions against the truth", title_justify="left")
    for heading in ("What", "Share", "Count", "Target", ""):
        figures.add_column(heading, justify="left" if heading in ("What", "") else "right")
    for name, words, target, at_most in _MARKS:
        figures.add_row(words, *_figures(getattr(report, name), target, at_most=at_most))
    console.print(figures)
    refunded = format_minor(report.refunded_minor, report.currency)
    console.print(
        f"{report.contacts:,} contacts: {report.complaints:,} complaints, "
        f"{report.enquiries:,} enquiries, {report.repeats:,} said again. "
        f"{report.decided_alone.count:,} decided by rules alone, "
        f"{report.decided_by_person:,} by a person, {report.still_open:,} still open. "
        f"{refunded} given back."
    )


def _figures(share: Share, target: float, *, at_most: bool) -> tuple[str, str, str, str]:
    """Share, count, target and mark; a share without a target has neither of the last two."""
    figures = (f"{share.share:.1%}", f"{share.count:,} of {share.whole:,}")
    if not target:
        return (*figures, "", "")
    met = share.share <= target if at_most else share.share >= target
    sign = "≤" if at_most else "≥"
    return (*figures, f"{sign} {target:.0%}", "met" if met else "missed")
