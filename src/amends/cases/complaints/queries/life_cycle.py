"""The published table of states and moves, and its mapping to the statuses of TM Forum."""

from __future__ import annotations

from amends.cases.complaints.rules.states import ComplaintState as ComplaintState
from amends.cases.complaints.rules.states import Transition as Transition
from amends.cases.complaints.rules.states import table as table
from amends.cases.complaints.rules.states import tmf_status as tmf_status
