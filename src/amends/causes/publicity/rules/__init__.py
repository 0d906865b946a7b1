"""Pure: text to facts, facts against the record, findings."""
