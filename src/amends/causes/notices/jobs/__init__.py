"""Jobs of notices: what the schedule calls."""
