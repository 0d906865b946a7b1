"""Messages to the operator's own app, by the push gateway the operator runs for it."""
