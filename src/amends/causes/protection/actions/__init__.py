"""What can be done: report, withdraw, appeal, decide."""
