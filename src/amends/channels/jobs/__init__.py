"""What runs by itself: sending what is due, fetching mail, tidying up."""
