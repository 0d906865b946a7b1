"""How invented people write: what happened to them, in their own Chinese or English words."""
