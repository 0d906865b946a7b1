"""Pages of speed tests: public, and at the desk."""
