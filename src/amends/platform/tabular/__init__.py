"""Tables of strangers: which table a file holds, and which column of it is what."""
