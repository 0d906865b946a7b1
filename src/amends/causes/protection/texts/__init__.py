"""What victims of a fraud are told."""
