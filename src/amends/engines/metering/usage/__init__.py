"""Reading usage records of any shape into the engine's columns."""
