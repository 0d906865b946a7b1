"""What to ask a customer where the records alone do not settle a complaint."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import translation
from django.utils.translation import gettext_noop as _

from amends.cases.complaints.queries.casefile import Complaint
from amends.platform.kit.formats import is_chinese

QUESTIONS: Mapping[str, str] = {
    "ask_for_words": _(
        "Could you tell us what happened, on which day, and which number or service it is about?"
    ),
    "nothing_on_file": _(
        "We found nothing about this in our records. Could you tell us the day, and send a "
        "photo or screenshot of the bill or message you mean?"
    ),
    "conflicting_evidence": _(
        "Our records contradict each other. Could you tell us what you saw or received, and when?"
    ),
    "not_measured": _(
        "Could you measure the speed of your line with our speed test, at the place and time of day"
        " when it is slow?"
    ),
    "technology_unknown": _(
        "Could you tell us how your line is connected: by fibre, by telephone cable, or by mobile"
        " network?"
    ),
    "class_unsure": _("Could you tell us what you would like us to put right?"),
}
"""Reason why a person must decide (`decisions.rulings.model.WHY`) → the question that may settle
it. The other reasons are not for the customer to answer."""


def question_for(why: str, language: str) -> str:
    """The question in the customer's language, "" where asking them does not help."""
    question = QUESTIONS.get(why, "")
    return _in(language, question) if question else ""


def question_subject(complaint: Complaint) -> str:
    """What a question to the customer is about, in their language."""
    subject = _in(complaint.language, _("A question about your complaint %(code)s"))
    return subject % {"code": complaint.code_public}


def _in(language: str, text: str) -> str:
    with translation.override("zh-hans" if is_chinese(language) else "en"):
        return translation.gettext(text)
