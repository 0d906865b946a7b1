"""Words of verdicts and uncertain inputs, for pages and the command line."""

from __future__ import annotations

from amends.platform.kit.errors import gettext_noop as _

VERDICTS = {"go": _("go"), "go_with_conditions": _("go with conditions"), "no": _("do not launch")}
INPUTS = {
    "market": _("size of the market"),
    "p": _("buying on one's own (p)"),
    "q": _("following others (q)"),
    "price": _("price"),
    "usage": _("usage"),
    "heavy_usage": _("heavy usage"),
    "settlement": _("settlement rates"),
    "churn": _("churn"),
    "switching": _("switching from old tariffs"),
    "running_cost": _("running cost"),
    "complaints": _("complaint rate"),
}
