"""What time alone does to the portals: drafts and prints are forgotten."""
