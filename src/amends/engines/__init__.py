"""Pure calculation: classes, decisions, detection, usage, duties, statistics."""
