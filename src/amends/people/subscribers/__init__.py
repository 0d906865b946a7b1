"""Users and services of the operator."""
