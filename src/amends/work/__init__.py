"""Work of colleagues on any case: notes, teams, approvals, credits, articles."""
