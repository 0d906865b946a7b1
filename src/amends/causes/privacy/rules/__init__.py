"""What decides in privacy: pure, with dated rule data."""
