"""From what is delivered to words and receipts; pure."""
