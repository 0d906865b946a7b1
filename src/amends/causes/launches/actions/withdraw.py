"""Withdraw a stopped offer from its users: each is asked to take an equal or better one."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from amends.causes.launches.models import Launch, Withdrawal
from amends.causes.launches.queries import users_on
from amends.causes.launches.queries.authority import demand, demand_reason, demand_state, locked
from amends.causes.launches.refusals import UnableToActOnLaunch
from amends.causes.launches.rules.replacement import worse_in
from amends.platform.kit.actors import Actor
from amends.record.catalogue.queries import offer


def withdraw(ref: str, *, replacement: str, reason: str, actor: Actor, now: datetime) -> Withdrawal:
    """Decide it; the job asks the users with notice and confirmation, a few hundred at a time.

    Who refuses keeps the offer on its terms. Refused where the replacement is worse in anything.
    """
    demand(actor, "launches.approve", now)
    reason = demand_reason(reason)
    with transaction.atomic():
        launch = locked(ref, actor)
        demand_state(launch, Launch.State.STOPPED)
        _demand_equal_or_better(launch, replacement, now)
        if Withdrawal.objects.filter(launch=launch).exists():
            raise UnableToActOnLaunch(
                _("Its withdrawal was decided already."),
                meaning=_("Nothing was changed."),
                next_step=_("The page of the launch shows who was asked."),
            )
        return Withdrawal.objects.create(
            launch=launch,
            replacement=replacement,
            reason=reason,
            by=actor.ref,
            at=now,
            affected=users_on(launch.offer, now),
        )


def _demand_equal_or_better(launch: Launch, replacement: str, now: datetime) -> None:
    old, new = offer(launch.offer, now), offer(replacement, now)
    if new is None or old is None or replacement == launch.offer:
        raise UnableToActOnLaunch(
            _("The catalogue has no terms of %(offer)s today.")
            % {"offer": launch.offer if old is None else replacement[:64]},
            meaning=_("Nothing was changed; users keep their terms."),
            next_step=_("Choose an offer that is in force."),
        )
    if worse := worse_in(old, new):
        raise UnableToActOnLaunch(
            _("%(offer)s is worse in: %(terms)s.")
            % {"offer": replacement, "terms": ", ".join(_(term) for term in worse)},
            meaning=_("Nothing was changed; users keep their terms."),
            next_step=_("Choose an offer that is equal or better, or let users keep this one."),
        )
