"""`amends hotissues emergency | declare | level | freeze | join | leave | close | reopen`: what a
leader does to an issue that needs no reading of letters; telling and answering is done on its page.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from amends.platform.cli.codes import refuse_unknown
from amends.platform.cli.command import command
from amends.platform.cli.language import CHINESE, language, ngettext, pgettext
from amends.platform.cli.language import gettext as _
from amends.platform.cli.render import View
from amends.platform.kit.errors import Refused

if TYPE_CHECKING:
    from amends.platform.kit.actors import Actor
    from amends.problems.emergencies.actions.status_document import IssueStatus

NUMBER = Annotated[int, typer.Argument(help="The number of the issue.")]
CODES = Annotated[list[str], typer.Argument(help="Tracking codes of complaints.")]
REASON = Annotated[str, typer.Option(help="Why; it is recorded in the history.")]


class Sold(StrEnum):
    """What may be taken from sale."""

    OFFER = "offer"
    CAMPAIGN = "campaign"
    LAUNCH = "launch"


@dataclass(frozen=True, slots=True)
class JoinedComplaints:
    """Tracking codes of the complaints that were joined."""

    joined: list[str]


@dataclass(frozen=True, slots=True)
class LeftComplaints:
    """Tracking codes of the complaints that were taken out."""

    left: list[str]


def _status_view(status: IssueStatus) -> View:
    from django.utils import timezone

    from amends.problems.emergencies.actions.status_document import EmergencyStatus
    from amends.problems.emergencies.web.words import FREEZES

    level = status.level or _("no level given")
    if status.reaches:
        level += _("; by the plan it reaches %(reaches)s") % {"reaches": status.reaches}
    hit = ngettext("%(count)s person hit", "%(count)s persons hit", status.hit) % {
        "count": f"{status.hit:,}"
    }
    states = {
        "due": pgettext("step", "due"),
        "late": pgettext("step", "late"),
        "done": _("done"),
        "done_late": _("done late"),
        "dropped": _("dropped"),
    }
    lines = []
    for step in status.steps:
        due_at = timezone.localtime(step.due_at)
        state = states.get(step.stand, step.stand)
        lines.append(f"  {due_at:%Y-%m-%d %H:%M}  {state:9}  {step.words}")
    if isinstance(status, EmergencyStatus) and status.disaster:
        marked = _("  marked as a natural disaster: %(reason)s")
        lines.append(marked % {"reason": status.disaster.reason})
    lines += [_("  before it may be closed: %(need)s") % {"need": need} for need in status.missing]
    for freeze in status.frozen:
        lines.append(
            _("  not sold: %(kind)s %(ref)s") % {"kind": FREEZES[freeze.kind], "ref": freeze.ref}
        )
    return View(heading=f"{status.number}  {status.name}: {level}; {hit}", notes=lines)


@command(view=_status_view)
def emergency(number: NUMBER) -> IssueStatus:
    """Show the emergency of an issue: level, what is due by when, what closing still needs."""
    return _status(number)


@command(view=_status_view)
def declare(
    actor: Actor,
    number: NUMBER,
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
) -> IssueStatus:
    """Declare an emergency: roles are notified at once, every step gets its deadline.

    Where no offer, area or cause is named, the affected users are those of the issue's page.
    """
    from django.utils import timezone

    from amends.people.subscribers.queries import is_offer
    from amends.problems.emergencies.actions import declare as declaring
    from amends.problems.emergencies.queries.levels import kind_of
    from amends.problems.hotissues.queries.issue_numbers import issue_numbered
    from amends.record.catalogue.queries import areas, offers

    issue = issue_numbered(number, brand=actor.brand)
    for scope_code in area or ():
        refuse_unknown("--area", scope_code.strip(), [on_record.code for on_record in areas()])
    on_sale = [offer_row.ref for offer_row in offers(timezone.now())]
    for scope_code in offer or ():
        refuse_unknown(
            "--offer", scope_code.strip(), on_sale, met=partial(is_offer, scope_code.strip())
        )
    scope = declaring.scope_of(offer or (), area or (), None, cause or ())
    if scope == declaring.DeclaredScope():
        scope = declaring.known_scope(issue)
    declaring.declare(
        issue.id,
        declaring.Declaration(
            kind=kind or kind_of(issue), level=level, reason=because, scope=scope
        ),
        actor=actor,
        now=timezone.now(),
    )
    return _status(number, actor.brand)


@command(view=_status_view)
def level(
    actor: Actor,
    number: NUMBER,
    to: Annotated[str, typer.Argument(help="level1 to level4.")],
    because: REASON,
) -> IssueStatus:
    """Raise or lower the level of an emergency; its deadlines follow."""
    from django.utils import timezone

    from amends.problems.emergencies.actions.declare import change_level
    from amends.problems.hotissues.queries.issue_numbers import issue_numbered

    issue = issue_numbered(number, brand=actor.brand)
    change_level(issue.id, to, because=because, actor=actor, now=timezone.now())
    return _status(number, actor.brand)


@command(view=_status_view)
def freeze(
    actor: Actor,
    number: NUMBER,
    kind: Annotated[Sold, typer.Argument(help="Offer, campaign or launch.")],
    what: Annotated[str, typer.Argument(help="Its reference.")],
    because: REASON,
    lift: Annotated[bool, typer.Option("--lift", help="It may be sold again.")] = False,
) -> IssueStatus:
    """Take from sale what causes an issue, or give it back."""
    from django.utils import timezone

    from amends.problems.emergencies.actions.freeze_sale import freeze_sale, resume_sale
    from amends.problems.hotissues.queries.issue_numbers import issue_numbered

    issue = issue_numbered(number, brand=actor.brand)
    act = resume_sale if lift else freeze_sale
    act(issue.id, kind.value, what, reason=because, actor=actor, now=timezone.now())
    return _status(number, actor.brand)


def _joined_view(joined_complaints: JoinedComplaints) -> View:
    return _moved_view(_("Joined: %(codes)s"), joined_complaints.joined)


@command(view=_joined_view)
def join(
    actor: Actor,
    number: NUMBER,
    codes: CODES,
    because: REASON,
    although_closed: Annotated[
        bool, typer.Option("--although-closed", help="They belong to an issue that is closed.")
    ] = False,
) -> JoinedComplaints:
    """Join complaints to an issue: all of them, or none where one is unknown.

    Of an issue that is closed it is asked first: what came after its end may have another cause.
    """
    from django.utils import timezone

    from amends.problems.hotissues.actions.join_by_hand import join_by_hand
    from amends.problems.hotissues.queries.issue_numbers import issue_numbered

    issue = issue_numbered(number, brand=actor.brand)
    if issue.state == "closed" and not although_closed:
        raise Refused(
            _("Issue %(number)s is closed; what came after its end may have another cause.")
            % {"number": number},
            meaning=_("Nothing was changed."),
            next_step=_(
                "Look at them; then say --although-closed if they belong to it all the same, or "
                "open it again with `amends hotissues reopen %(number)s`."
            )
            % {"number": number},
            code="issue_closed",
        )
    moved_refs = join_by_hand(issue.id, codes, because=because, actor=actor, now=timezone.now())
    return JoinedComplaints(_tracking_codes(moved_refs))


def _left_view(left_complaints: LeftComplaints) -> View:
    return _moved_view(_("Left: %(codes)s"), left_complaints.left)


@command(view=_left_view)
def leave(actor: Actor, number: NUMBER, codes: CODES, because: REASON) -> LeftComplaints:
    """Take complaints out of an issue; the scan does not bring them back."""
    from django.utils import timezone

    from amends.problems.hotissues.actions.join_by_hand import leave_by_hand
    from amends.problems.hotissues.queries.issue_numbers import issue_numbered

    issue = issue_numbered(number, brand=actor.brand)
    moved_refs = leave_by_hand(issue.id, codes, because=because, actor=actor, now=timezone.now())
    return LeftComplaints(_tracking_codes(moved_refs))


@command(view=_status_view)
def disaster(
    actor: Actor,
    number: NUMBER,
    because: REASON,
    no: Annotated[bool, typer.Option("--no", help="Take the mark away.")] = False,
) -> IssueStatus:
    """Mark an issue as a natural disaster: rules that except one do not hold for it."""
    from django.utils import timezone

    from amends.problems.emergencies.actions.mark_disaster import mark_disaster
    from amends.problems.hotissues.queries.issue_numbers import issue_numbered

    issue = issue_numbered(number, brand=actor.brand)
    mark_disaster(issue.id, not no, because=because, actor=actor, now=timezone.now())
    return _status(number, actor.brand)


@command(view=_status_view)
def close(actor: Actor, number: NUMBER, because: REASON) -> IssueStatus:
    """Close an issue; one with an emergency as the closing rule of its pack allows."""
    from django.utils import timezone

    from amends.problems.hotissues.actions.close_by_hand import close_by_hand
    from amends.problems.hotissues.queries.issue_numbers import issue_numbered

    issue = issue_numbered(number, brand=actor.brand)
    close_by_hand(issue.id, because=because, actor=actor, now=timezone.now())
    return _status(number, actor.brand)


@command(view=_status_view)
def reopen(actor: Actor, number: NUMBER, because: REASON) -> IssueStatus:
    """Reopen a closed issue; the repeated steps of its emergency are due again."""
    from django.utils import timezone

    from amends.problems.hotissues.actions.close_by_hand import reopen_by_hand
    from amends.problems.hotissues.queries.issue_numbers import issue_numbered

    issue = issue_numbered(number, brand=actor.brand)
    reopen_by_hand(issue.id, because=because, actor=actor, now=timezone.now())
    return _status(number, actor.brand)


def _status(number: int, brand: str = "") -> IssueStatus:
    from django.utils import timezone

    from amends.problems.emergencies.actions.status_document import emergency_status
    from amends.problems.hotissues.queries.issue_numbers import issue_numbered

    issue = issue_numbered(number, brand=brand)
    return emergency_status(issue, now=timezone.now(), chinese=language() == CHINESE)


def _tracking_codes(complaints: list[str]) -> list[str]:
    from amends.cases.complaints.queries.analytics import first_words

    return [code for code, _text in first_words(complaints).values()]


def _moved_view(message: str, codes: list[str]) -> View:
    return View(
        notes=[message % {"codes": ", ".join(codes)} if codes else _("Nothing was changed.")]
    )
