"""Pages of the desk about clients of the interface."""
