"""What privacy does by the clock."""
