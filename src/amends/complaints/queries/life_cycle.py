"""The published table of states and moves, and its mapping to the statuses of TM Forum."""

from __future__ import annotations

from amends.complaints.rules.states import ComplaintState as ComplaintState
from amends.complaints.rules.states import Transition as Transition
from amends.complaints.rules.states import table as table
from amends.complaints.rules.states import tmf_status as tmf_status
