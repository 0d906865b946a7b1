"""Print what else the console opens on: orders at the gate, and the self-examination."""

from __future__ import annotations

from django.utils.translation import gettext as _
from rich.console import Console

from amends_demo.actions.examine import Examined
from amends_demo.actions.order import Ordered
from amends_demo.actions.speed_tests import SpeedComplaints


def show_left(
    ordered: Ordered, examined: Examined, speed: SpeedComplaints, console: Console
) -> None:
    """A line for the orders of the last days, this quarter's self-examination, and speed tests."""
    orders = _(
        "Orders of the last days: %(executed)s carried out, %(refused)s refused, %(lapsed)s lapsed,"
        " %(waiting)s waiting."
    )
    examination = _(
        "Self-examination: %(checked)s of %(all)s processes checked, findings %(findings)s, of"
        " these corrected %(corrected)s."
    )
    tested = _("Complaints with speed tests: %(complaints)s, settled by rules alone %(alone)s.")
    lines = [
        orders % ordered.as_dict()["orders"],
        examination
        % (examined.as_dict()["examination"] | {"all": examined.checked + examined.left}),
        tested % {"complaints": sum(speed.verdicts.values()), "alone": speed.alone},
    ]
    console.print("\n".join(lines), highlight=False)
