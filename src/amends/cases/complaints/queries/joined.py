"""A complaint as it looks from the code of a contact that joined it."""

from __future__ import annotations

from dataclasses import replace

from amends.cases.complaints.models import Contact
from amends.cases.complaints.queries.casefile import ClockView, ComplaintView
from amends.engines.decisions.deadlines import due_for_many
from amends.platform.database.prepared_queries import PreparedQuery

_RECEIVED = PreparedQuery(
    lambda code: Contact.objects.filter(tracking_code=code).values_list("received_at")[:1]
)


def as_sent_under(code: str, view: ComplaintView) -> ComplaintView:
    """The complaint as if it had begun with the contact that was given `code`.

    Whoever names the number and the matter of somebody else holds such a code: it must not say
    that a complaint was open before, since when, or by what day it is answered. The code of the
    complaint itself changes nothing.
    """
    contact_row = _RECEIVED.first(code)
    if view.row.tracking_code == code or contact_row is None:
        return view
    (received_at,) = contact_row
    dues = due_for_many(
        jurisdiction=view.jurisdiction,
        received=[received_at],
        kinds=[view.row.code],
        urgents=[view.row.urgent],
    )[0]
    met = {clock.step: clock.met_at for clock in view.clocks if clock.met_at}
    clocks = [
        ClockView(
            step=due_step.step,
            due_at=due_step.due_at,
            rule=due_step.rule,
            counting=due_step.counting,
            binding=due_step.binding,
            verified=due_step.verified is True,
            met_at=max(met[due_step.step], received_at) if due_step.step in met else None,
            breached_at=None,
            paused_at=None,
        )
        for due_step in dues
    ]
    return replace(
        view,
        row=replace(
            view.row,
            tracking_code=code,
            received_at=received_at,
            contacts_count=1,
            reopened_count=0,
        ),
        state_since=max(view.state_since, received_at),
        clocks=clocks,
        events=[replace(event, at=max(event.at, received_at)) for event in view.events],
    )
