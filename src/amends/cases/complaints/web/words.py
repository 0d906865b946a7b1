"""The desk's words for what the rules name by code: states, channels, clocks, verdicts, answers."""

from __future__ import annotations

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from amends.cases.complaints.queries.life_cycle import table
from amends.engines.classification.taxonomy import taxonomy
from amends.engines.decisions.clocks import STEPS
from amends.people.access.web.signs import Sign, Words, in_words, sign
from amends.people.access.web.words import chinese

STATE_TONES: dict[str, str] = {
    "received": "info",
    "acknowledged": "info",
    "investigating": "info",
    "proposed": "warn",
    "accepted": "ok",
    "refused_by_user": "bad",
    "lapsed": "plain",
    "implementing": "warn",
    "resolved": "ok",
    "confirmed": "ok",
    "reopened": "bad",
    "deadlocked": "bad",
    "with_regulator": "plum",
}

# The published table speaks to the user, in sentences; the desk needs a word in a narrow column.
DESK_STATES: dict[str, Words] = {
    "received": _("received"),
    "acknowledged": _("acknowledged"),
    "investigating": _("investigating"),
    "proposed": _("with the user"),
    "accepted": _("accepted"),
    "refused_by_user": _("refused"),
    "lapsed": pgettext_lazy("complaint", "lapsed"),
    "implementing": _("carrying out"),
    "resolved": _("solved"),
    "confirmed": _("confirmed"),
    "closed_unconfirmed": _("unconfirmed"),
    "reopened": _("reopened"),
    "inadmissible": _("inadmissible"),
    "not_upheld": _("not upheld"),
    "withdrawn": _("withdrawn"),
    "deadlocked": _("deadlocked"),
    "with_regulator": _("with regulator"),
    "closed": _("closed"),
}

VERDICTS: dict[str, Sign] = {
    "upheld": Sign(_("upheld"), "ok"),
    "partly_upheld": Sign(_("partly upheld"), "ok"),
    "not_upheld": Sign(_("not upheld"), "plain", "cross"),
    "person_must_decide": Sign(_("a person decides"), "warn", "person"),
}

STRENGTHS: dict[str, Words] = {
    "strong": _("strong: facts say so"),
    "moderate": _("moderate: complete records are silent"),
    "weak": _("weak: a rule not verified"),
    "person": _("a person's judgement"),
}

ANSWERS: dict[str, Sign] = {
    "yes": Sign(pgettext_lazy("answer", "Yes"), "ok"),
    "no": Sign(pgettext_lazy("answer", "No"), "bad"),
    "nothing_found": Sign(_("Nothing found"), "nothing"),
    "not_covered": Sign(_("Feed not covered"), "uncovered"),
    "not_applicable": Sign(_("Does not apply"), "plain"),
}

# Questions where "yes" speaks for the user, or for nobody; elsewhere it speaks for the operator.
YES_IS_BAD = frozenset({"charged_after_stop", "area_degraded"})
YES_IS_PLAIN = frozenset({"charge_found", "refunded_already", "added_service"})

IDENTITY: dict[str, Sign] = {
    "verified": Sign(_("identity verified"), "ok", "shield"),
    "asked": Sign(_("identity asked"), "warn", "person"),
    "unverified": Sign(_("identity not verified"), "warn", "person"),
}

FIELD_WORDS: dict[str, Words] = {
    "name": _("name"),
    "phone": _("phone"),
    "email": _("email"),
    "address": _("address"),
    "id_card": _("identity card"),
    "facts": _("the records of the case"),
}

REMEDIES: dict[str, Words] = {
    "refund": _("Refund"),
    "credit": _("Credit"),
    "compensation": _("Compensation"),
    "release": _("Release from contract"),
    "correction": _("Correction of data"),
    "repair": _("Repair"),
}


EVENTS: dict[str, Words] = {
    "contact_joined": _("The customer wrote again"),
    "identity_asked": _("A code was sent to the contact on record"),
    "identity_verified": _("Identity shown"),
    "address_asked": _("A code was sent to the address given"),
    "address_answered": _("The address given was confirmed"),
    "handed_over": _("File for the regulator created and handed over"),
    "approval_failed": _("Approved, but it could not be carried out; nothing was sent"),
    "extended": _("Deadline extended"),
    "paused": _("Deadline paused"),
    "resumed": _("Deadline resumed"),
    "repaired": _("Fault repaired"),
    "urgent": _("Marked urgent"),
    "not_urgent": _("No longer urgent"),
    "taken_as_complaint": _(
        "Treated as a complaint; the deadline counts from the day it was received"
    ),
    "approval_asked": _("Asked someone with a higher limit to approve"),
    "corrected": _("Class corrected"),
    "subjects_set": _("What it is about was changed"),
    "reclassified": _("Class changed after the text was classified again"),
    "read_again": _("The records were checked again on request"),
    "records_came": _("A source reported how complete its records are; they were checked again"),
    "incident_stated": _("Information on its declared incident changed; it was checked again"),
    "incident_considered": _("An incident was declared; it does not cover this complaint"),
    "decided": _("Decided"),
    "overruled": _("Decision overruled"),
    "taken": _("Taken over"),
    "handed_back": _("Handed back"),
    "assigned": _("Assigned"),
    "handed_up": _("Escalated with a hand-over note"),
    "merged": _("Merged into another complaint"),
    "merged_in": _("Another complaint was merged into this one"),
    "unmerged": _("Merge undone"),
    "unmerged_from": _("Merge of another complaint undone"),
    "split_off": _("Messages split off into a new complaint"),
    "split_from": _("Split off from another complaint"),
    "question_asked": _("Question sent to the customer"),
    "warning": _("A deadline is near"),
    "breach": _("A deadline has passed"),
    "escalation": _("Escalated: a deadline has passed"),
    "asked_for_words": _("Asked for more details"),
    "letter_failed": _("A reply could not be delivered"),
    "files_attached": _("Files attached"),
    "history_added": _("Messages from the former desk added"),
    "file_infected": _("The scanner found malware in a file: nobody can open it"),
    "files_left_out": _("Some files could not be stored: ask the customer for them"),
    "file_opened": _("File opened"),
    "subscriber_named": _("Subscriber named by a handler"),
    "subscriber_not_found": _("A number was entered that is not on record"),
    "identity_not_asked": _("Identity not asked"),
    "left_to_person": _("Left to a person"),
    "reply_sent": _("Reply sent"),
    "outcome_answered": _("The user said whether it is solved"),
    "handed_out": _("Copy given to the customer"),
    "forgotten": _("Erased at the user's request: text, files and letters are deleted"),
}


OUTCOMES: dict[str, Words] = {
    "solved": pgettext_lazy("outcome", "solved"),
    "partly": pgettext_lazy("outcome", "partly"),
    "not_solved": pgettext_lazy("outcome", "not solved"),
}


JOINED: dict[str, Words] = {
    "exact": _("same text"),
    "near": _("nearly the same text"),
    "same_matter": _("the same person, service and matter"),
    "same_charge": _("the same person and the same charge"),
    "thread": _("quotes the tracking code"),
    "repeat": _("delivered twice"),
}


KNOWN_BY: dict[str, Words] = {
    "operator_login": _("signed in with the operator"),
    "counter_document": _("showed a document at the counter"),
    "challenge": _("answered the code sent to the contact on record"),
}


def reason_words(reason: str) -> str:
    """Why, in words, where an event keeps a code; what a person wrote stands as it is."""
    known_reason = JOINED.get(reason) or KNOWN_BY.get(reason)
    return str(known_reason or (gettext(reason) if reason else ""))


# A move is an order on a button and a deed in the history; Chinese has one form for both.
_DONE = {
    "acknowledge": "Acknowledged",
    "answer_enquiry": "Question answered",
    "investigate": "Investigation begun",
    "propose": "Solution proposed",
    "grant": "Granted what was asked",
    "accept": "Proposal accepted",
    "refuse": "Proposal refused",
    "lapse": "Proposal lapsed without an answer",
    "implement": "Being carried out",
    "resolve": "Carried out: solved",
    "not_carried_out": "Not carried out: taken up again",
    "incident_found": "Taken up again: an incident covers it",
    "confirm": "Confirmed as solved",
    "close_unconfirmed": "Closed without confirmation",
    "reopen": "Reopened",
    "declare_inadmissible": "Found not admissible",
    "not_uphold": "Not upheld",
    "withdraw": "Withdrawn",
    "deadlock": "Deadlock declared",
    "pass_on": "Passed on to the regulator",
    "take_up": "Taken up by the regulator",
    "order_remedy": "What the regulator decided is being carried out",
    "close": "Closed",
}


def move_words(verb: str) -> str:
    """A move as the one who makes it reads it; the verb itself where the table has none."""
    move = table().moves.get(verb)
    return in_words(move) if move else verb


def event_words(verb: str, to_state: str) -> Words:
    """What happened: a move as a deed, anything else by its own name."""
    if verb in table().moves and to_state:
        return move_words(verb) if chinese() else _DONE.get(verb, move_words(verb))
    return EVENTS.get(verb, verb)


def step_words(step: str) -> str:
    """What a clock is for, as the rules name it; a step nobody has named yet stands as it is."""
    both = STEPS.get(step)
    return (both[0] if chinese() else both[1]) if both else step


def who_shown(*, shown_name: str, person: str, subscriber: str) -> str:
    """The complainant as lists show them: the masked contact given, else the pseudonym's end.

    The pseudonym is random and says nothing of a number or a name; the forgotten have no `person`.

    >>> who_shown(shown="138****1234", person="sub-ey81scffxt", subscriber="sub-ey81scffxt")
    '138****1234'
    >>> who_shown(shown="", person="sub-ey81scffxt", subscriber="sub-ey81scffxt")
    'sub-…scffxt'
    >>> who_shown(shown="", person="", subscriber="sub-ey81scffxt")
    ''
    """
    if shown_name or not (person and subscriber):
        return shown_name
    head, dash, tail = subscriber.rpartition("-")
    return f"{head}{dash}…{tail[-6:]}" if len(tail) > 6 else subscriber


# Answers that yes, no and nothing do not fit.
OWN_ANSWERS: dict[tuple[str, str], Sign] = {
    ("charge_found", "yes"): Sign(_("Charges found"), "info", "check"),
    ("charge_found", "nothing_found"): Sign(_("No charges"), "nothing"),
    ("charged_once", "nothing_found"): Sign(_("No double charge"), "ok"),
    ("charged_after_stop", "nothing_found"): Sign(_("No charge after it"), "ok"),
}


def answer_sign(question: str, answer: str) -> Sign:
    """The badge of an answer. What was not found and what cannot be seen never look alike."""
    if own := OWN_ANSWERS.get((question, answer)):
        return own
    answer_sign_found = sign(ANSWERS, answer)
    if answer == "yes" and question in YES_IS_PLAIN:
        return Sign(answer_sign_found.word, "info", "check")
    if answer in ("yes", "no") and question in YES_IS_BAD:
        return Sign(
            answer_sign_found.word, "bad" if answer == "yes" else "ok", answer_sign_found.icon
        )
    return answer_sign_found


def state_sign(code: str) -> Sign:
    """A state in the words of the published table."""
    state_entry = table().states.get(code)
    word = DESK_STATES.get(code) or (in_words(state_entry) if state_entry else code)
    return Sign(word, STATE_TONES.get(code, "plain"))


def state_choices() -> list[tuple[str, Words]]:
    """Every state with its words, in the order of the table."""
    return [(code, state_sign(code).word) for code in table().states]


def class_words(code: str) -> str:
    """A class of the taxonomy in words."""
    class_entry = taxonomy().codes.get(code)
    return in_words(class_entry) if class_entry else code


def class_choices() -> list[tuple[str, str]]:
    """Every class with its words, in the order of the taxonomy."""
    return [(code, in_words(class_entry)) for code, class_entry in taxonomy().codes.items()]
