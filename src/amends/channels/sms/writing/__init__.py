"""From words to what is submitted; pure."""
