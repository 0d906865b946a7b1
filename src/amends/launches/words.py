"""Words of verdicts and states, for pages and the command line."""

from __future__ import annotations

from amends.kit.errors import gettext_noop as _

VERDICTS = {"go": _("go"), "go_with_conditions": _("go with conditions"), "no": _("no")}
