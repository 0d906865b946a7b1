"""Messages in and out: durable inbound, the one outbox."""
