"""What other apps may ask."""
