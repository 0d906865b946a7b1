"""A simulated operator with hidden, known causes."""
