"""What complaints teach the self-examination: rules people overrule, notices people miss."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from amends.cases.complaints.queries.corrections import overrules
from amends.cases.examinations.actions.examine import NewFinding, note_findings
from amends.cases.examinations.queries import (
    numbers,
    process_of_rule,
    processes,
    quarter_of,
)
from amends.platform.kit.actors import system


def learn_from_complaints(*, now: datetime) -> int:
    """Write this quarter's findings from complaints down; how many are new.

    An override: a rule that people overrule often. A complaint: a process whose missing notices
    enough users complained of. The figures are those of `processes@….toml`.
    """
    here = timezone.localtime(now)
    today, month = here.date(), 3 * ((here.month - 1) // 3) + 1
    quarter, figures, register = quarter_of(today), numbers(today), processes(today)
    start = datetime(today.year, month, 1, tzinfo=here.tzinfo)
    findings = []
    for overrule in overrules(since=start):
        process = process_of_rule(register, overrule.rule)
        often = overrule.overruled * 1000 >= overrule.decided * figures["overruled_permille"]
        if overrule.decided >= figures["overruled_of"] and often:
            findings.append(
                NewFinding(
                    key=f"override:{overrule.rule}:{quarter}",
                    process=process,
                    source="override",
                    duty="",
                    figure=overrule.overruled,
                    of=overrule.decided,
                    words=overrule.rule,
                )
            )
        named = any(overrule.rule.partition(".")[2] in each.rules for each in register)
        if named and overrule.decided >= figures["complaints"]:
            findings.append(
                NewFinding(
                    key=f"complaint:{overrule.rule}:{quarter}",
                    process=process,
                    source="complaint",
                    duty="",
                    figure=overrule.decided,
                    of=overrule.decided,
                    words=overrule.rule,
                )
            )
    return note_findings(findings, actor=system("examination"), now=now)
