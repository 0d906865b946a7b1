"""What verifies without the platform."""
