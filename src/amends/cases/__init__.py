"""A single complaint: handling, audits, examinations."""
