"""Print what became of the wave of scams after the leak."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from rich.console import Console

    from amends_demo.actions.scam_wave import ScamWave


def show_scam_wave(wave: ScamWave, console: Console) -> None:
    """Print messages, reports and complaints of the wave, and when it was marked and blocked."""
    lines = [
        _(
            "Scams after the leak: messages %(messages)s, people %(people)s, reports %(reports)s,"
            " complaints %(complaints)s."
        )
        % {
            "messages": wave.messages,
            "people": wave.people,
            "reports": wave.reports,
            "complaints": wave.complaints,
        }
    ]
    if wave.protected:
        lines.append(
            _(
                "The network asked about each message: %(marked)s carried a warning, %(blocked)s"
                " were blocked; complaints %(without)s without protection, %(complaints)s with it."
            )
            % {
                "marked": wave.marked,
                "blocked": wave.blocked,
                "without": wave.complaints_without,
                "complaints": wave.complaints,
            }
        )
    if wave.blocked_after_h is not None:
        lines.append(
            _("The first number was blocked %(hours)s h after the first message.")
            % {"hours": wave.blocked_after_h}
        )
    console.print("\n".join(lines), highlight=False)
