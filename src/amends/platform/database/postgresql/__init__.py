"""Django's PostgreSQL, without a question before each request whether it is still there."""
