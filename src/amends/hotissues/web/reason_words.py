"""The reasons the platform itself gives for what happens to an issue, in the reader's language.

They are kept as the platform wrote them, in English; what a person wrote is shown as it is.
"""

from __future__ import annotations

import re

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amends.hotissues.actions.judge_measure import NO_DROP
from amends.hotissues.actions.merge import ONE_CAUSE
from amends.hotissues.actions.remove_misplaced import NOT_THERE
from amends.hotissues.actions.start_drill import INVENTED, SAYS_SO
from amends.hotissues.actions.update_issues import HOT_AGAIN
from amends.hotissues.late_complaints import BY_SCAN

OWN: dict[str, str | Promise] = {
    BY_SCAN: gettext_lazy("no alarm for two weeks"),
    HOT_AGAIN: gettext_lazy("it runs hot again"),
    NOT_THERE: gettext_lazy("not in what the issue is about"),
    ONE_CAUSE: gettext_lazy("the same cause fits both"),
    INVENTED: gettext_lazy("Invented for the drill."),
    SAYS_SO: gettext_lazy("The drill says so."),
}
_NO_DROP = re.compile(re.escape(NO_DROP).replace(re.escape("%(n)s"), "([0-9]+)"))


def reason_words(reason: str) -> str:
    """A reason as the reader is told it.

    >>> reason_words("the cable is mended")
    'the cable is mended'
    """
    if known := OWN.get(reason):
        return str(known)
    if judged := _NO_DROP.fullmatch(reason):
        return _("Measure %(n)s was judged and did not bring the drop it was meant to.") % {
            "n": judged[1]
        }
    return reason
