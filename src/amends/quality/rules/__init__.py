"""Rules of quality: pure."""
