"""The letters of a drill: marked as such in the first line and the last."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import translation
from django.utils.translation import gettext as _

from amends.platform.kit.formats import format_money, is_chinese
from amends.problems.emergencies.rules.drills import Invented


def letter_of(
    invented_complaint: Invented, openings: Mapping[str, str], currency: str
) -> tuple[str, str]:
    """Subject and body for an invented complainant: their own verdict and amount."""
    chinese = is_chinese(invented_complaint.language)
    with translation.override("zh-hans" if chinese else "en"):
        subject = _("[DRILL] What we decided on your complaint (%(ref)s)") % {
            "ref": invented_complaint.complaint
        }
        decided = (
            _("Your complaint is upheld. %(amount)s goes back to you.")
            % {"amount": format_money(invented_complaint.amount_minor, currency)}
            if invented_complaint.verdict == "upheld"
            else _("We found nothing to put right in your case.")
        )
        closing = _(
            "This is a drill. Everything in it is invented, and nobody outside is notified."
        )
    return subject, "\n\n".join((openings["zh" if chinese else "en"], decided, closing))
