"""`amends hotissues emergency | declare | level | freeze | join | leave | close | reopen`: what a
leader does to an issue that needs no reading of letters; telling and answering is done on its page.
"""

from __future__ import annotations

import sys
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from amends.cli.codes import refuse_unknown
from amends.cli.language import CHINESE, language, ngettext, pgettext
from amends.cli.language import gettext as _
from amends.cli.start import start
from amends.kit.errors import BadInput, Refused

if TYPE_CHECKING:
    from amends.access.actors import Actor

NUMBER = Annotated[int, typer.Argument(help="The number of the issue.")]
CODES = Annotated[list[str], typer.Argument(help="Tracking codes of complaints.")]
BY = Annotated[str, typer.Option(help="Name under which you sign in.")]
REASON = Annotated[str, typer.Option(help="Why; it is recorded in the history.")]
JSON = Annotated[bool, typer.Option("--json", help="One JSON document.")]


class UnableToFind(BadInput):
    """There is no issue with this number."""

    code = "issue_unknown"


class UnableToJoinClosed(Refused):
    """The issue is closed, and nobody said that the complaints belong to it all the same."""

    code = "issue_closed"


class Sold(StrEnum):
    """What may be taken from sale."""

    OFFER = "offer"
    CAMPAIGN = "campaign"
    LAUNCH = "launch"


def emergency(number: NUMBER, as_json: JSON = False) -> None:
    """Show the emergency of an issue: level, what is due by when, what closing still needs."""
    start()
    from datetime import datetime

    from django.utils import timezone

    from amends.emergencies.status_document import status_document

    chinese = language() == CHINESE
    document = status_document(_issue(number), now=timezone.now(), chinese=chinese)
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(document) + b"\n")
        return
    said = document["level"] or _("no level given")
    if document["reaches"]:
        said += _("; by the plan it reaches %(reaches)s") % document
    hit = ngettext("%(count)s person hit", "%(count)s persons hit", document["hit"]) % {
        "count": f"{document['hit']:,}"
    }
    typer.echo(f"{number}  {document['name']}: {said}; {hit}")
    states = {
        "due": pgettext("step", "due"),
        "late": pgettext("step", "late"),
        "done": _("done"),
        "done_late": _("done late"),
        "dropped": _("dropped"),
    }
    for one in document["steps"]:
        due = timezone.localtime(datetime.fromisoformat(one["due_at"]))
        typer.echo(
            f"  {due:%Y-%m-%d %H:%M}  {states.get(one['stand'], one['stand']):9}  {one['words']}"
        )
    from amends.emergencies.web.words import FREEZES

    if document.get("disaster"):
        typer.echo(_("  marked as a natural disaster: %(reason)s") % document["disaster"])
    for words in document["missing"]:
        typer.echo(_("  before it may be closed: %(need)s") % {"need": words})
    for one in document["frozen"]:
        typer.echo(_("  not sold: %(kind)s %(ref)s") % (one | {"kind": FREEZES[one["kind"]]}))


def declare(
    number: NUMBER,
    by: BY,
    kind: Annotated[
        str, typer.Option(help="Group of its class, outage, …; its own if left out.")
    ] = "",
    level: Annotated[str, typer.Option(help="level1 to level4; the plan's if left out.")] = "",
    because: Annotated[str, typer.Option(help="Why another level than the plan's.")] = "",
    offer: Annotated[
        list[str] | None, typer.Option(help="Who bought it is hit (repeatable).")
    ] = None,
    area: Annotated[list[str] | None, typer.Option(help="And lives there (repeatable).")] = None,
    cause: Annotated[
        list[str] | None,
        typer.Option(help="Or was touched by it: campaign:NAME, partner:NAME, … (repeatable)."),
    ] = None,
    as_json: JSON = False,
) -> None:
    """Declare an emergency: roles are notified at once, every step gets its deadline.

    Where no offer, area or cause is named, the affected users are those of the issue's page.
    """
    issue, actor = _found(number, by)
    from django.utils import timezone

    from amends.catalogue.queries import areas, offers
    from amends.emergencies.actions import declare as declaring
    from amends.emergencies.levels import kind_of
    from amends.subscribers.queries import is_offer

    for one in area or ():
        refuse_unknown("--area", one.strip(), [known.code for known in areas()])
    on_sale = [known.ref for known in offers(timezone.now())]
    for one in offer or ():
        refuse_unknown("--offer", one.strip(), on_sale, met=partial(is_offer, one.strip()))
    scope = declaring.scope_of(offer or (), area or (), None, cause or ())
    if scope == declaring.DeclaredScope():
        scope = declaring.known_scope(issue)
    declaring.declare(
        issue.id,
        declaring.Declaration(kind or kind_of(issue), level, because, scope),
        actor=actor,
        now=timezone.now(),
    )
    emergency(number, as_json)


def level(
    number: NUMBER,
    to: Annotated[str, typer.Argument(help="level1 to level4.")],
    because: REASON,
    by: BY,
    as_json: JSON = False,
) -> None:
    """Raise or lower the level of an emergency; its deadlines follow."""
    issue, actor = _found(number, by)
    from django.utils import timezone

    from amends.emergencies.actions.declare import change_level

    change_level(issue.id, to, because=because, actor=actor, now=timezone.now())
    emergency(number, as_json)


def freeze(
    number: NUMBER,
    kind: Annotated[Sold, typer.Argument(help="Offer, campaign or launch.")],
    what: Annotated[str, typer.Argument(help="Its reference.")],
    because: REASON,
    by: BY,
    lift: Annotated[bool, typer.Option("--lift", help="It may be sold again.")] = False,
    as_json: JSON = False,
) -> None:
    """Take from sale what causes an issue, or give it back."""
    issue, actor = _found(number, by)
    from django.utils import timezone

    from amends.emergencies.actions.freeze_sale import freeze_sale, resume_sale

    act = resume_sale if lift else freeze_sale
    act(issue.id, kind.value, what, reason=because, actor=actor, now=timezone.now())
    emergency(number, as_json)


def join(
    number: NUMBER,
    codes: CODES,
    because: REASON,
    by: BY,
    although_closed: Annotated[
        bool, typer.Option("--although-closed", help="They belong to an issue that is closed.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Join complaints to an issue: all of them, or none where one is unknown.

    Of an issue that is closed it is asked first: what came after its end may have another cause.
    """
    issue, actor = _found(number, by)
    from django.utils import timezone

    if issue.state == "closed" and not although_closed:
        raise UnableToJoinClosed(
            _("Issue %(number)s is closed; what came after its end may have another cause.")
            % {"number": number},
            meaning=_("Nothing was changed."),
            next_step=_(
                "Look at them; then say --although-closed if they belong to it all the same, or "
                "open it again with `amends hotissues reopen %(number)s`."
            )
            % {"number": number},
        )
    from amends.hotissues.actions.join_by_hand import join_by_hand

    done = join_by_hand(issue.id, codes, because=because, actor=actor, now=timezone.now())
    _moved("joined", _("Joined: %(codes)s"), done, as_json)


def leave(number: NUMBER, codes: CODES, because: REASON, by: BY, as_json: JSON = False) -> None:
    """Take complaints out of an issue; the scan does not bring them back."""
    issue, actor = _found(number, by)
    from django.utils import timezone

    from amends.hotissues.actions.join_by_hand import leave_by_hand

    done = leave_by_hand(issue.id, codes, because=because, actor=actor, now=timezone.now())
    _moved("left", _("Left: %(codes)s"), done, as_json)


def disaster(
    number: NUMBER,
    because: REASON,
    by: BY,
    no: Annotated[bool, typer.Option("--no", help="Take the mark away.")] = False,
    as_json: JSON = False,
) -> None:
    """Mark an issue as a natural disaster: rules that except one do not hold for it."""
    issue, actor = _found(number, by)
    from django.utils import timezone

    from amends.emergencies.actions.mark_disaster import mark_disaster

    mark_disaster(issue.id, not no, because=because, actor=actor, now=timezone.now())
    emergency(number, as_json)


def close(number: NUMBER, because: REASON, by: BY, as_json: JSON = False) -> None:
    """Close an issue; one with an emergency as the closing rule of its pack allows."""
    issue, actor = _found(number, by)
    from django.utils import timezone

    from amends.hotissues.actions.close_by_hand import close_by_hand

    close_by_hand(issue.id, because=because, actor=actor, now=timezone.now())
    emergency(number, as_json)


def reopen(number: NUMBER, because: REASON, by: BY, as_json: JSON = False) -> None:
    """Reopen a closed issue; the repeated steps of its emergency are due again."""
    issue, actor = _found(number, by)
    from django.utils import timezone

    from amends.hotissues.actions.close_by_hand import reopen_by_hand

    reopen_by_hand(issue.id, because=because, actor=actor, now=timezone.now())
    emergency(number, as_json)


def _found(number: int, by: str) -> tuple[Any, Actor]:
    """The issue and who acts."""
    start()
    from amends.access.queries import actor_called

    actor = actor_called(by)
    return _issue(number, actor.brand), actor


def _issue(number: int, brand: str = "") -> Any:
    from amends.hotissues.queries import issue

    found = issue(str(number), brand=brand)
    if found is None:
        raise UnableToFind(
            _("There is no issue %(number)s.") % {"number": number},
            next_step=_("See `amends hotissues list --closed`."),
        )
    return found


def _moved(word: str, said: str, complaints: list[str], as_json: bool) -> None:
    from amends.complaints.queries.analytics import first_words

    codes = [code for code, _words in first_words(complaints).values()]
    if as_json:
        sys.stdout.buffer.write(orjson.dumps({word: codes}) + b"\n")
    else:
        typer.echo(said % {"codes": ", ".join(codes)} if codes else _("Nothing was changed."))
