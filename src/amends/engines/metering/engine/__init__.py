"""The reminder engine: `advance(state, batch, rules)` on columns."""
