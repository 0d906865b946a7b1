"""What a decision is made of: its shape, the rules of the day, findings and money."""
