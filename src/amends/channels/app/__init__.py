"""Messages to the operator's own app: a webhook of the push gateway the operator runs."""
