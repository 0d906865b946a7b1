"""Key facts of offers: what the flat form and TMF620 say. Pure."""
