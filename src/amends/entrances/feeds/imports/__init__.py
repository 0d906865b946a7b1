"""Files of the operator's other systems: facts of their feeds, and the subscribers they know."""
