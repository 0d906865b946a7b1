"""Messages to learn from: written for this project, no message of anybody."""
