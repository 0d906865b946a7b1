"""Hot issues: what they consist of, who belongs to them, what raised and may have caused them.

Everything here but the issues themselves (their owner, level, joins and leaves by hand) can be
computed again from the complaints.
"""

from __future__ import annotations

from amends.hotissues.models.counts import (
    BesideAlarm,
    CubeDay,
    CubeMark,
    Doubt,
    Post,
)
from amends.hotissues.models.emergencies import (
    Affected,
    AnswerRound,
    Emergency,
    EmergencyStep,
    Statement,
)
from amends.hotissues.models.issues import (
    Alarm,
    Cause,
    Cell,
    Happening,
    HotIssue,
    Membership,
)
from amends.hotissues.models.measures import (
    Judgement,
    Measure,
)

__all__ = [
    "Affected",
    "Alarm",
    "AnswerRound",
    "BesideAlarm",
    "Cause",
    "Cell",
    "CubeDay",
    "CubeMark",
    "Doubt",
    "Emergency",
    "EmergencyStep",
    "Happening",
    "HotIssue",
    "Judgement",
    "Measure",
    "Membership",
    "Post",
    "Statement",
]
