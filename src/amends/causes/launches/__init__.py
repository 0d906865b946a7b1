"""Pre-assessment of launches: figures, gates, approval, and stop-loss once live."""
