"""`amends vetting watch | probe`: probes of the links of a service, stated and run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amends.platform.cli.command import CheckFailed, command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.render import View
from amends.platform.kit.errors import BadInput, gettext_noop

if TYPE_CHECKING:
    from amends.causes.vetting.actions.run_due_probes import ProbesRun
    from amends.causes.vetting.actions.watch_service import ServiceWatched


def _watched_view(watched_service: ServiceWatched) -> View:
    return View(
        figures=(
            (_("Service"), watched_service.service),
            (_("Links"), watched_service.links),
            (_("Probes"), watched_service.probes),
            (_("switched off"), watched_service.removed),
        ),
        next_step=_("Hosts of probes must be listed in AMENDS_PROBE_HOSTS."),
    )


@command(view=_watched_view)
def watch(
    chain: Annotated[Path, typer.Argument(help="JSON: a service, its links and their probes.")],
) -> ServiceWatched:
    """State the probes of a registered service; those the file does not list are switched off."""
    from django.utils import timezone

    from amends.causes.vetting.actions.watch_service import watch_service
    from amends.platform.kit.json_in import read_json

    try:
        document = read_json(chain.read_bytes())
        if not isinstance(document, dict):
            raise ValueError
    except (OSError, ValueError) as error:
        raise BadInput(
            gettext_noop("%(file)s is no JSON document of a service."),
            meaning=gettext_noop("Nothing was changed."),
            next_step=gettext_noop("See docs/vetting.md for an example."),
            values={"file": chain.name},
            code="probes_unreadable",
        ) from error
    return watch_service(document, now=timezone.now())


def _run_view(probe_run: ProbesRun) -> View:
    return View(figures=((_("Probes"), probe_run.run), (_("failed"), probe_run.failed)))


@command(view=_run_view)
def probe(
    service: Annotated[
        list[str] | None, typer.Option(help="All probes of this service; else what is due.")
    ] = None,
) -> ProbesRun:
    """Run the probes that are due and store the results; exit code 1 where one fails."""
    from django.utils import timezone

    from amends.causes.vetting.actions.run_due_probes import run_due_probes

    probe_run = run_due_probes(now=timezone.now(), refs=tuple(service or ()))
    if probe_run.failed:
        raise CheckFailed(probe_run)
    return probe_run
