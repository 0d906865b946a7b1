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


def _choices_view(notice_choices: NoticeChoices) -> View:
    return View(notes=[_choice_line(choice) for choice in notice_choices.choices])


def _choice_line(notice_choice: NoticeChoice) -> str:
    step = {"mark": notice_choice.own or _("none"), "unit": notice_choice.unit}
    mark = _("own mark %(mark)s %(unit)s") % step if notice_choice.unit else ""
    parts = [mark, _("declined") if notice_choice.declined else "", notice_choice.channel]
    title = notice_choice.title_zh if language() == CHINESE else notice_choice.title_en
    return f"{notice_choice.duty:24} {title}: {', '.join(filter(None, parts)) or _('as usual')}"


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
    subscriber_view = subscriber(person) or identify(service=person)
    if subscriber_view is None:
        raise BadInput(
            _("There is no subscriber and no service “%(given)s”.") % {"given": person},
            next_step=_("Give the reference of the service as it was enrolled."),
            code="choice_unknown",
        )
    if duty:
        choice = choice_about(subscriber_view, duty, now=now)
        if choice is None:
            raise BadInput(
                _("%(duty)s leaves this person no choice.") % {"duty": duty},
                next_step=_("See what may be chosen: amends notices choose %(person)s.")
                % {"person": person},
                code="choice_unknown",
            )
        wish = replace(choice.current, number=0, own_unit="")
        if own is not None:
            wish = replace(wish, own_step=own or None)
        if document is not None:
            wish = replace(wish, declined=not document)
        if channel is not None:
            wish = replace(wish, channel=channel)
        set_preference_everywhere(
            choice.duty,
            subscriber=subscriber_view.pseudonym,
            wish=wish,
            chosen_on="counter",
            now=now,
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
            for open_choice in open_choices(subscriber_view, now=now)
            if not duty or open_choice.duty.id == duty
        ]
    )


def _holds_view(listed_holds: ListedHolds) -> View:
    count = {"count": f"{len(listed_holds.holds):,}", "cursor": listed_holds.cursor}
    listed = _("%(count)s listed; read on with --since %(cursor)s.") % count
    return View(notes=[*map(_hold_line, listed_holds.holds), listed])


def _hold_line(entry: HoldStep) -> str:
    from amends.causes.notices.actions.list_holds import HELD

    by = _(" by %(who)s") % {"who": entry.by} if entry.by else ""
    state = pgettext("hold", "held") if entry.state == HELD else pgettext("hold", "released")
    at = f"{entry.at:%Y-%m-%d %H:%M:%S}"
    return f"{entry.number}  {at}  {state}{by}  {entry.service}  {entry.duty}  {entry.key}"


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
