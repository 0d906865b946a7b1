"""`amends notices choose` and `holds`: preferences of a person, and what is held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from amends.platform.cli.command import command
from amends.platform.cli.language import CHINESE, language, pgettext
from amends.platform.cli.language import gettext as _
from amends.platform.cli.render import View
from amends.platform.kit.errors import BadInput

if TYPE_CHECKING:
    from amends.causes.notices.actions.list_holds import HoldStep, ListedHolds


class UnableToChooseFor(BadInput):
    """There is no such person, or no such choice."""

    code = "choice_unknown"


@dataclass(frozen=True, slots=True)
class NoticeChoice:
    """What a person chose for a notice.

    own       own threshold in `unit`, None for the standard ones
    channel   "" for the usual one
    channels  those that may be chosen
    """

    duty: str
    own: int | None
    unit: str
    standard: int
    may_decline: bool
    declined: bool
    channel: str
    channels: list[str]
    title_zh: str
    title_en: str
    en: str


@dataclass(frozen=True, slots=True)
class NoticeChoices:
    """What a person may choose."""

    choices: list[NoticeChoice]


def _choices_view(found: NoticeChoices) -> View:
    return View(notes=[_choice_line(choice) for choice in found.choices])


def _choice_line(one: NoticeChoice) -> str:
    step = {"mark": one.own or _("none"), "unit": one.unit}
    mark = _("own mark %(mark)s %(unit)s") % step if one.unit else ""
    said = [mark, _("declined") if one.declined else "", one.channel]
    title = one.title_zh if language() == CHINESE else one.title_en
    return f"{one.duty:24} {title}: {', '.join(filter(None, said)) or _('as usual')}"


@command(view=_choices_view)
def set_preference(
    person: Annotated[str, typer.Argument(help="Reference of a service, or of the subscriber.")],
    duty: Annotated[str, typer.Argument(help="The duty; all that may be chosen if left out.")] = "",
    own: Annotated[
        int | None, typer.Option(help="A mark of one's own in minor units; 0 for the standard.")
    ] = None,
    document: Annotated[
        bool | None, typer.Option("--tell/--decline", help="Get this notice, or not.")
    ] = None,
    channel: Annotated[
        str | None, typer.Option(help="sms, mail, app, phone, letter; '' for as usual.")
    ] = None,
) -> NoticeChoices:
    """Record what a person wishes of a reminder, said at a counter or by telephone, for all lines.

    What is left out stays as it is. The preference is a fact; a changed threshold notifies again
    when passed.
    """
    from dataclasses import replace

    from django.utils import timezone

    from amends.causes.notices.actions.set_preference import set_preference_everywhere
    from amends.causes.notices.queries.preferences import choice_about, open_choices
    from amends.people.subscribers.queries import identify, subscriber

    now = timezone.now()
    found = subscriber(person) or identify(service=person)
    if found is None:
        raise UnableToChooseFor(
            _("There is no subscriber and no service “%(given)s”.") % {"given": person},
            next_step=_("Give the reference of the service as it was enrolled."),
        )
    if duty:
        one = choice_about(found, duty, now=now)
        if one is None:
            raise UnableToChooseFor(
                _("%(duty)s leaves this person no choice.") % {"duty": duty},
                next_step=_("See what may be chosen: amends notices choose %(person)s.")
                % {"person": person},
            )
        wish = replace(one.current, number=0, own_unit="")
        if own is not None:
            wish = replace(wish, own_step=own or None)
        if document is not None:
            wish = replace(wish, declined=not document)
        if channel is not None:
            wish = replace(wish, channel=channel)
        set_preference_everywhere(
            one.duty, subscriber=found.pseudonym, wish=wish, chosen_on="counter", now=now
        )
    return NoticeChoices(
        [
            NoticeChoice(
                duty=open_choice.duty.id,
                own=open_choice.current.own_step,
                unit=open_choice.own_unit,
                standard=open_choice.standard,
                may_decline=open_choice.duty.opt_out,
                declined=open_choice.current.declined,
                channel=open_choice.current.channel,
                channels=list(open_choice.duty.channels),
                title_zh=open_choice.duty.title_zh,
                title_en=open_choice.duty.title_en,
                en=open_choice.duty.en,
            )
            for open_choice in open_choices(found, now=now)
            if not duty or open_choice.duty.id == duty
        ]
    )


def _holds_view(found: ListedHolds) -> View:
    count = {"count": f"{len(found.holds):,}", "cursor": found.cursor}
    listed = _("%(count)s listed; read on with --since %(cursor)s.") % count
    return View(notes=[*map(_hold_line, found.holds), listed])


def _hold_line(one: HoldStep) -> str:
    from amends.causes.notices.actions.list_holds import HELD

    by = _(" by %(who)s") % {"who": one.by} if one.by else ""
    state = pgettext("hold", "held") if one.state == HELD else pgettext("hold", "released")
    at = f"{one.at:%Y-%m-%d %H:%M:%S}"
    return f"{one.number}  {at}  {state}{by}  {one.service}  {one.duty}  {one.key}"


@command(view=_holds_view)
def holds(
    since: Annotated[int, typer.Option(help="The cursor of the last answer; 0 for all.")] = 0,
    standing: Annotated[bool, typer.Option("--standing", help="Only what is held now.")] = False,
) -> ListedHolds:
    """List holds and releases, as the network is to carry them out, in order after a cursor.

    Applied twice, each is the same as once; `cursor` is where to read on.
    """
    from django.utils import timezone

    from amends.causes.notices.actions.list_holds import HELD, ListedHolds, list_holds

    steps = list_holds(since, now=timezone.now())
    cursor = steps[-1].number if steps else since
    if standing:
        last = {step.key: step for step in steps}
        steps = [step for step in last.values() if step.state == HELD]
    return ListedHolds(steps, cursor)
