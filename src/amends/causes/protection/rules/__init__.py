"""Pure rules: what a message is, what a number is, what follows."""
