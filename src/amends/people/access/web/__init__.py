"""The door in front of pages: who is signed in, with which second factor, and may open what."""
