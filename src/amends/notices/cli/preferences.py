"""`amends notices choose` and `holds`: preferences of a person, and what is held."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from amends.cli.language import CHINESE, language, pgettext
from amends.cli.language import gettext as _
from amends.cli.start import start
from amends.kit.errors import BadInput

_JSON = typer.Option("--json", help="Print one JSON document.")


class UnableToChooseFor(BadInput):
    """There is no such person, or no such choice."""

    code = "choice_unknown"


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
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Record what a person wishes of a reminder, said at a counter or by telephone, for all lines.

    What is left out stays as it is. The preference is a fact; a changed threshold notifies again
    when passed.
    """
    start()
    from dataclasses import replace

    from django.utils import timezone

    from amends.notices.actions.set_preference import set_preference_everywhere
    from amends.notices.queries.preferences import choice_about, open_choices
    from amends.subscribers.queries import identify, subscriber

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
    rows = [
        {"duty": one.duty.id, "own": one.current.own_step, "unit": one.own_unit,
         "standard": one.standard, "may_decline": one.duty.opt_out,
         "declined": one.current.declined, "channel": one.current.channel,
         "channels": list(one.duty.channels), "title_zh": one.duty.title_zh,
         "title_en": one.duty.title_en, "en": one.duty.en}
        for one in open_choices(found, now=now) if not duty or one.duty.id == duty
    ]  # fmt: skip
    if as_json:
        typer.echo(json.dumps({"choices": rows}, ensure_ascii=False, indent=2))
        return
    for row in rows:
        step = {"mark": row["own"] or _("none"), "unit": row["unit"]}
        mark = _("own mark %(mark)s %(unit)s") % step if row["unit"] else ""
        said = [mark, _("declined") if row["declined"] else "", str(row["channel"])]
        title = row["title_zh" if language() == CHINESE else "title_en"]
        typer.echo(
            f"{row['duty']:24} {title}: {', '.join(one for one in said if one) or _('as usual')}"
        )


def holds(
    since: Annotated[int, typer.Option(help="The cursor of the last answer; 0 for all.")] = 0,
    standing: Annotated[bool, typer.Option("--standing", help="Only what is held now.")] = False,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """List holds and releases, as the network is to carry them out, in order after a cursor.

    Applied twice, each is the same as once; `cursor` is where to read on.
    """
    start()
    from django.utils import timezone

    from amends.notices.actions.list_holds import HELD, list_holds

    steps = list_holds(since, now=timezone.now())
    cursor = steps[-1].number if steps else since
    if standing:
        last = {step.key: step for step in steps}
        steps = [step for step in last.values() if step.state == HELD]
    if as_json:
        listed = [asdict(one) | {"at": one.at.isoformat()} for one in steps]
        typer.echo(json.dumps({"holds": listed, "cursor": cursor}, indent=2))
        return
    for one in steps:
        by = _(" by %(who)s") % {"who": one.by} if one.by else ""
        state = pgettext("hold", "held") if one.state == HELD else pgettext("hold", "released")
        typer.echo(f"{one.number}  {one.at:%Y-%m-%d %H:%M:%S}  {state}{by}  {one.service}  "
                   f"{one.duty}  {one.key}")  # fmt: skip
    typer.echo(
        _("%(count)s listed; read on with --since %(cursor)s.")
        % {"count": f"{len(steps):,}", "cursor": cursor}
    )
