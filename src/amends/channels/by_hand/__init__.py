"""Messages that people deliver: calls somebody makes, letters somebody posts."""
