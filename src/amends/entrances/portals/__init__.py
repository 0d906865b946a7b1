"""What outsiders reach: the public site and the interfaces."""
