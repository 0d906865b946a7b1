"""A gate before each cause of complaints; none of these apps imports another."""
