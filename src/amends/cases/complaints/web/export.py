"""The list of the inbox as a file: the columns of the page, masked as there."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amends.cases.complaints.queries import inbox as listing
from amends.cases.complaints.web.inbox import area_names, lines, wanted_by
from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.platform.kit.formats import format_money
from amends.platform.tabular.responses import csv_response
from amends.work.casework.queries.staff import teams


@require_safe
@requires("complaints.read")
@refusals_as_pages
def export(request: HttpRequest) -> HttpResponse:
    """The whole list that the address asks for; its name says how many complaints it holds."""
    wanted = wanted_by(request)
    rows = listing.export_rows(wanted, now=timezone.now())
    names = people({row["handler"] for row in rows} - {""})
    titles = {team.slug: team.title for team in teams(brand=actor_of(request).brand)}
    heading = [
        _("Complaint"),
        _("Received"),
        _("Deadline"),
        _("Due"),
        _("Who"),
        _("Class"),
        _("Area"),
        _("Channel"),
        _("State"),
        _("Verdict"),
        _("Amount"),
        _("Handler"),
        _("Team"),
        _("First words"),
    ]
    table = [
        [
            line.row["code_public"],
            line.row["received_at"].isoformat(),
            str(line.step),
            line.row["next_due_at"].isoformat() if line.row["next_due_at"] else "",
            line.who,
            str(line.class_words),
            str(line.area),
            str(line.channel.word),
            str(line.state.word),
            str(line.verdict.word) if line.verdict else "",
            format_money(line.row["amount_minor"], line.row["currency"])
            if line.row["amount_minor"]
            else "",
            names.get(line.row["handler"], line.row["handler"]),
            titles.get(line.row["team"], line.row["team"]),
            line.row["first_words"],
        ]
        for line in lines(rows, area_names())
    ]
    return csv_response(f"complaints-{wanted.view}-{len(table)}.csv", heading, table)
