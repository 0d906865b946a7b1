"""Refund, credit, repair, release: proposed, approved, exported, acknowledged."""
