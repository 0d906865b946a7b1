"""How the installation stands: read once, told as a page, as metrics and as alarms."""
