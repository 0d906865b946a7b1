"""The top layer: wiring only."""
