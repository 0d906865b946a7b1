"""The public site's words for what rules and facts name by code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from amends.entrances.portals.rules.steps import ANSWERED, DONE, LOOKED_AT, RECEIVED, StatusStep
from amends.people.access.queries import LookView, rules_on
from amends.people.access.texts import reason_of
from amends.platform.kit.formats import is_chinese

Words: TypeAlias = str | Promise


def pick(zh: str, en: str) -> str:
    """The reader's language of data that carry both."""
    return zh if is_chinese(get_language() or "") else en


STEPS: dict[str, Words] = {
    RECEIVED: pgettext_lazy("step", "Received"),
    LOOKED_AT: pgettext_lazy("step", "Looked at"),
    ANSWERED: pgettext_lazy("step", "Our answer"),
    DONE: pgettext_lazy("step", "Done"),
}

# What is said of the last step while it is under way.
CARRIED_OUT: Words = pgettext_lazy("step", "Being carried out")


def step_words(step: StatusStep) -> Words:
    """A step as it stands: “done” is said of nothing that still goes on."""
    return CARRIED_OUT if (step.id, step.how) == (DONE, "now") else STEPS[step.id]


# What a clock of the pack promises the complainant.
PROMISES: dict[str, Words] = {
    "acknowledge": _("We confirm that we have it"),
    "act": _("We begin to act"),
    "resolve": _("You get our answer"),
    "repair": _("The fault is repaired"),
    "restore": _("The service is back"),
    "implement": _("What we owe you is carried out"),
    "refund_deposit": _("Your deposit is returned"),
    "close_service": _("The service is closed"),
    "port": _("Your number has moved"),
}

VERDICTS: dict[str, Words] = {
    "upheld": _("You are right."),
    "partly_upheld": _("You are right in part."),
    "not_upheld": _("The records do not bear it out."),
}

WAITS_FOR_YOU: Words = pgettext_lazy("remedy", "if you agree")
REMEDY_STATES: dict[str, Words] = {
    "offered": WAITS_FOR_YOU,
    "proposed": pgettext_lazy("remedy", "being approved"),
    "approved": pgettext_lazy("remedy", "approved, on its way to billing"),
    "exported": pgettext_lazy("remedy", "with billing"),
    "acknowledged": pgettext_lazy("remedy", "booked"),
    "failed": pgettext_lazy("remedy", "billing could not book it; we are on it"),
}

# What of a person's data was read, in words for that person; several kinds share a word.
READ: dict[str, Words] = {
    "name": pgettext_lazy("looked", "name"),
    "phone": pgettext_lazy("looked", "phone number"),
    "email": pgettext_lazy("looked", "email address"),
    "address": pgettext_lazy("looked", "address"),
    "id_card": pgettext_lazy("looked", "identity card"),
    "facts": pgettext_lazy("looked", "the records of the case"),
    "ServiceOrdered": pgettext_lazy("looked", "services"),
    "ServiceActivated": pgettext_lazy("looked", "services"),
    "ServiceChanged": pgettext_lazy("looked", "services"),
    "ServiceStopped": pgettext_lazy("looked", "services"),
    "ConfirmationAsked": pgettext_lazy("looked", "confirmations"),
    "ConfirmationGiven": pgettext_lazy("looked", "confirmations"),
    "ConfirmationRefused": pgettext_lazy("looked", "confirmations"),
    "ChargeMade": pgettext_lazy("looked", "charges"),
    "RefundMade": pgettext_lazy("looked", "refunds"),
    "NoticeDue": pgettext_lazy("looked", "notices"),
    "NoticeSent": pgettext_lazy("looked", "notices"),
    "NoticeDelivered": pgettext_lazy("looked", "notices"),
    "NoticeFailed": pgettext_lazy("looked", "notices"),
    "UsageCrossed": pgettext_lazy("looked", "use of allowances"),
    "SpeedMeasured": pgettext_lazy("looked", "speed measurements"),
    "DataAccessed": pgettext_lazy("looked", "who looked at your data"),
    "ComplaintReceived": pgettext_lazy("looked", "complaints"),
    "DecisionMade": pgettext_lazy("looked", "complaints"),
    "RemedyGranted": pgettext_lazy("looked", "complaints"),
    "ReplySent": pgettext_lazy("looked", "complaints"),
    "OutcomeAnswered": pgettext_lazy("looked", "complaints"),
}
_OTHERWISE: Words = pgettext_lazy("looked", "other records")


@dataclass(frozen=True, slots=True)
class LookInWords:
    """One look at a person's data as that person reads it: when, who, what, why."""

    at: datetime
    who: str
    purpose: str
    read: list[Words]
    by_platform: bool
    unmasked: bool
    reason: str
    this_complaint: bool
    without_case: bool


def look_in_words(look: LookView, *, own_case: str) -> LookInWords:
    """Say a look; roles are named, colleagues are not: their names are their own data."""
    rules = rules_on(timezone.localdate(look.at))
    who = rules.roles.get(look.role, (look.role, look.role))
    purpose = rules.purposes.get(look.purpose, ("", ""))
    read = dict.fromkeys(READ.get(name, _OTHERWISE) for name in look.fields)
    return LookInWords(
        at=look.at,
        who=pick(*who),
        purpose=pick(*purpose),
        read=list({str(word): word for word in read}.values()),
        by_platform=look.by_platform,
        unmasked=look.unmasked,
        reason=reason_of(look),
        this_complaint=bool(look.case) and look.case == own_case,
        without_case=not look.case,
    )


_ANSWERED: dict[str, tuple[bool, Words]] = {
    "executed": (True, _("Done. A message with the result is on its way.")),
    "confirmed": (True, _("Thank you. It happens on its day; until then you may still say no.")),
    "on_hold": (
        True,
        _("Thank you. It is taken from sale for now and waits: nothing runs, nothing is charged."),
    ),
    "asked_again": (
        True,
        _("Thank you. This service needs a second confirmation: we have sent you another code."),
    ),
    "overtaken": (
        True,
        _("Thank you. The service has ended or changed meanwhile, so there is nothing to do."),
    ),
    "refused": (True, _("It is not ordered, and nothing is charged.")),
    "wrong": (False, _("This is not the code we sent. Look at the newest message.")),
    "spent": (
        False,
        _("Too many wrong codes. Nothing is ordered; ask for another code if you want it."),
    ),
    "not_this_way": (False, _("The rules do not accept an answer of this kind here.")),
}
_OVER: tuple[bool, Words] = (
    False,
    _("This question is over: it was answered before, or its time has passed."),
)


def answered(outcome: str) -> tuple[bool, Words]:
    """What became of an answer to a question about an order: whether it was taken, in words."""
    return _ANSWERED.get(outcome, _OVER)
