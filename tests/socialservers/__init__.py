"""Social platforms on loopback."""
