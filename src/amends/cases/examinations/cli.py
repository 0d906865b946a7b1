"""`amends notices examination`: the state of every process this quarter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from amends.platform.cli.command import CheckFailed, command
from amends.platform.cli.language import CHINESE, language, pgettext
from amends.platform.cli.language import gettext as _
from amends.platform.cli.render import TableColumn, View


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """A process: duties checked, findings open, owner ("" for nobody)."""

    process: str
    standing: str
    checked: int
    duties: int
    open_findings: int
    owner: str


@dataclass(frozen=True, slots=True)
class Examination:
    """The processes of a quarter such as 2026Q4."""

    quarter: str
    processes: list[ProcessRow]

    @property
    def failed(self) -> bool:
        """Whether a process is unchecked or has an overdue correction."""
        return any(process.standing in ("unchecked", "overdue") for process in self.processes)


def _view(examination: Examination) -> View:
    from django.utils import timezone

    from amends.cases.examinations.queries import processes
    from amends.cases.examinations.web.views import WORDS

    chinese = language() == CHINESE
    register = processes(timezone.localdate())
    titles = {
        process_entry.id: process_entry.zh if chinese else process_entry.en
        for process_entry in register
    }
    return View(
        columns=(
            TableColumn(_("process"), "process", titles.__getitem__),
            TableColumn(_("State"), "standing", lambda word: str(WORDS[word][1])),
            TableColumn(pgettext("process", "checked"), "checked", right=True),
            TableColumn(_("duties"), "duties", right=True),
            TableColumn(_("open findings"), "open_findings", right=True),
            TableColumn(_("owner"), "owner"),
        ),
        rows=examination.processes,
    )


@command(view=_view)
def examination(
    check: Annotated[bool, typer.Option("--check", help="Exit 1 if a process is in red.")] = False,
) -> Examination:
    """State of every process this quarter: duties checked, findings open, owner."""
    from django.utils import timezone

    from amends.cases.examinations.queries import process_statuses
    from amends.cases.examinations.rules.processes import quarter_of
    from amends.people.access.queries.colleagues import people

    today = timezone.localdate()
    statuses = process_statuses(today)
    names = people(status.owner for status in statuses if status.owner)
    examined = Examination(
        quarter_of(today),
        [
            ProcessRow(
                process=status.process.id,
                standing=status.check.word,
                checked=status.check.checked,
                duties=status.check.duties,
                open_findings=status.check.open_findings,
                owner=names.get(status.owner, status.owner),
            )
            for status in statuses
        ],
    )
    if check and examined.failed:
        raise CheckFailed(examined)
    return examined
