"""The top of the house: wiring only."""
