"""Rules of search and of figures in articles; pure."""
