"""Articles that answer questions, found by search and filled with the operator's figures."""
