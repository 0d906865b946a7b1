"""`amends vetting locate`: faults of a service at the link that causes them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from amends.platform.cli.command import command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import ngettext, pgettext
from amends.platform.cli.render import TableColumn, View


@dataclass(frozen=True, slots=True)
class LinkFault:
    """A fault of a link: from when to when, and what points to it, as a sentence."""

    link: str
    from_at: datetime = field(metadata={"serialization_alias": "from"})
    to_at: datetime = field(metadata={"serialization_alias": "to"})
    why: str


@dataclass(frozen=True, slots=True)
class LocatedFaults:
    """What `locate` found in a file.

    read, rejected  rows of the file, and how many of these could not be used
    """

    service: str
    faults: list[LinkFault]
    read: int
    rejected: int
    seconds: float


def _located_view(located: LocatedFaults) -> View:
    notes = []
    if located.rejected:
        notes.append(
            ngettext(
                "%(count)s row of %(all)s could not be used.",
                "%(count)s rows of %(all)s could not be used.",
                located.rejected,
            )
            % {"count": f"{located.rejected:,}", "all": f"{located.read:,}"}
        )
    return View(
        columns=(
            TableColumn(pgettext("service", "Link"), "link", whole=True),
            TableColumn(pgettext("fault", "from"), "from_at", "{:%Y-%m-%d %H:%M %z}", whole=True),
            TableColumn(_("until"), "to_at", "{:%Y-%m-%d %H:%M %z}", whole=True),
            TableColumn(_("Why"), "why"),
        ),
        rows=located.faults,
        empty=_("No fault of a link was found."),
        notes=notes,
    )


@command(view=_located_view, tables=False)
def locate(
    events: Annotated[
        Path, typer.Argument(help="CSV, Excel or Parquet: at, source, link, ok, ms, what.")
    ],
    chain: Annotated[Path, typer.Option(help="JSON: the links of the service and their probes.")],
) -> LocatedFaults:
    """Locate faults of a service to the link of its chain that causes them."""
    from zoneinfo import ZoneInfo

    from django.conf import settings

    from amends.causes.vetting.queries.chain_files import read_chain, read_events
    from amends.causes.vetting.queries.fault_reasons import why
    from amends.causes.vetting.rules.fault_location import locate_faults
    from amends.platform.kit.packs import zone_of

    began = time.monotonic()
    zone = zone_of(settings.JURISDICTION)
    links = read_chain(chain)
    read = read_events(events, links, zone=zone)
    here = ZoneInfo(zone)
    return LocatedFaults(
        service=links.service,
        faults=[
            LinkFault(
                link=locate_fault.link,
                from_at=locate_fault.from_at.astimezone(here),
                to_at=locate_fault.to_at.astimezone(here),
                why=why(locate_fault.evidence, _),
            )
            for locate_fault in locate_faults(read.events, links)
        ],
        read=read.read,
        rejected=sum(read.rejected.values()),
        seconds=round(time.monotonic() - began, 3),
    )
