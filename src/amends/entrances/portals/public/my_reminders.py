"""My reminders: a mark of my own, what I need not be told, a call if I want; and what is held."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amends.causes.notices.actions.hold import release, withdraw_consent
from amends.causes.notices.actions.set_preference import set_preference_everywhere
from amends.causes.notices.queries import Choice, HoldView
from amends.causes.notices.queries.preferences import (
    OpenPreference,
    choice_about,
    held_of,
    open_choices,
)
from amends.channels.queries.capabilities import channel_noun, outgoing
from amends.engines.duties.book import book
from amends.entrances.portals.public.forms import ConsentChoiceForm
from amends.entrances.portals.public.my_services import Me, shown_only
from amends.entrances.portals.public.words import pick
from amends.people.access.web.refusals import RefusalPage, refusal_text
from amends.people.subscribers.queries import SubscriberView, subscriber
from amends.platform.kit.errors import AmendsError, Refused
from amends.platform.kit.formats import format_money
from amends.platform.kit.money import Money
from amends.platform.kit.packs import day_in

_LARGEST_MINOR = 10_000_000
_HERE = "web"


class WishForm(forms.Form):
    """Preferences for one reminder; an empty field means the default."""

    own = forms.CharField(max_length=20, required=False)
    channel = forms.CharField(max_length=16, required=False)
    notify = forms.BooleanField(required=False)


@dataclass(frozen=True, slots=True)
class ReminderCard:
    """One reminder as its reader may set it."""

    duty: str
    title: str
    words: str
    own: bool
    own_value: str
    own_hint: str
    declinable: bool
    declined: bool
    channels: list[tuple[str, str, bool]]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class HeldLine:
    """Use that is held, or goes on by consent."""

    view: HoldView
    words: str


@shown_only
@require_safe
def my_reminders(request: HttpRequest, me: Me) -> HttpResponse:
    """What I am told of, and how I want it."""
    return _page(request, me)


@shown_only
@require_POST
def choose_mine(request: HttpRequest, me: Me, duty: str) -> HttpResponse:
    """Keep what is wished of one reminder, for all my lines."""
    person = _person(me)
    open_ = choice_about(person, duty, now=me.now)
    form = WishForm(request.POST)
    if open_ is None or not form.is_valid():
        raise Http404
    try:
        wish = _wish(open_, form.cleaned_data)
        set_preference_everywhere(
            open_.duty, subscriber=me.subscriber, wish=wish, chosen_on=_HERE, now=me.now
        )
    except AmendsError as why:
        return _page(request, me, wrong=duty, problem=_briefly(why), status=400)
    messages.success(request, _("This is how we will do it from now on."))
    return redirect("public:my_reminders")


def _briefly(why: AmendsError) -> str:
    """What happened and what to do, in the reader's language."""
    refusal = refusal_text(why)
    return str(RefusalPage(refusal.what, "", refusal.next_step))


@shown_only
@require_POST
def answer_hold(request: HttpRequest, me: Me, key: str) -> HttpResponse:
    """Go on beyond the cap, or take that back."""
    form = ConsentChoiceForm(request.POST)
    try:
        if form.is_valid() and form.cleaned_data["back"]:
            withdraw_consent(key, subscriber=me.subscriber, channel=_HERE, now=me.now)
            messages.success(request, _("It is held again: nothing more is used beyond your cap."))
        else:
            release(key, subscriber=me.subscriber, channel=_HERE, now=me.now)
            messages.success(request, _("You can go on. What is used beyond the cap is charged."))
    except AmendsError as why:
        messages.error(request, _briefly(why))
    return redirect("public:my_reminders")


def _page(
    request: HttpRequest, me: Me, *, wrong: str = "", problem: str = "", status: int = 200
) -> HttpResponse:
    person = _person(me)
    cards = [
        _card(open_choice, problem if open_choice.duty.id == wrong else "")
        for open_choice in open_choices(person, now=me.now)
    ]
    held_lines = [HeldLine(hold, _held_words(hold)) for hold in held_of(me.subscriber)]
    context = {
        "cards": cards,
        "held": [line for line in held_lines if line.view.ended_at is None],
        "agreed": [line for line in held_lines if line.view.ended_at is not None],
    }
    return render(request, "portals/mine_reminders.html", context, status=status)


def _card(preference: OpenPreference, problem: str) -> ReminderCard:
    current = preference.current
    hint = ""
    if preference.own_unit == "minor" and preference.standard:
        standard = format_money(preference.standard, preference.currency)
        hint = _("Without one of your own it is %(amount)s.") % {"amount": standard}
    elif preference.own_unit:
        hint = _("Without one there is no cap.")
    ways = [("", _("As usual"), not current.channel)]
    ways += [
        (name, channel_noun(name), current.channel == name)
        for name in preference.duty.channels
        if name in outgoing()
    ]
    own = "" if current.own_step is None else _written(current.own_step, preference)
    return ReminderCard(
        duty=preference.duty.id,
        title=pick(preference.duty.title_zh, preference.duty.title_en),
        words=pick(preference.duty.zh, preference.duty.en),
        own=bool(preference.own_unit),
        own_value=own,
        own_hint=hint,
        declinable=preference.duty.opt_out,
        declined=current.declined,
        channels=ways if len(ways) > 2 else [],
        problem=problem,
    )


def _wish(preference: OpenPreference, cleaned: dict[str, object]) -> Choice:
    """The wish as a choice; raises what the action raises for what the rule does not leave open."""
    own = _own(preference, str(cleaned["own"])) if preference.own_unit else None
    declined = preference.duty.opt_out and not cleaned["notify"]
    return Choice(
        declined=declined,
        own_step=own,
        channel=str(cleaned["channel"]),
        language=preference.current.language,
    )


def _own(preference: OpenPreference, text: str) -> int | None:
    if not text.strip():
        return None
    refusal = Refused(
        _("“%(text)s” is not an amount above zero.") % {"text": text.strip()},
        next_step=_("Write it like 50 or 50.00, or leave it empty."),
        code="choice_not_open",
    )
    try:
        minor = (
            Money.parse(text.strip(), preference.currency).minor
            if preference.own_unit == "minor"
            else int(text)
        )
    except (ValueError, ArithmeticError) as error:
        raise refusal from error
    if not 0 < minor <= _LARGEST_MINOR:
        raise refusal
    return minor


def _written(amount: int, preference: OpenPreference) -> str:
    if preference.own_unit != "minor":
        return str(amount)
    return re.sub(r"[^0-9.]", "", str(Money(amount, preference.currency)))


def _held_words(hold: HoldView) -> str:
    jurisdiction = hold.duty.partition(".")[0]
    duty = book(jurisdiction, day_in(jurisdiction, hold.held_at)).find(hold.duty)
    return pick(duty.title_zh, duty.title_en) if duty else hold.service


def _person(me: Me) -> SubscriberView:
    person = subscriber(me.subscriber)
    if person is None:
        raise Http404
    return person
