"""Pure rules on partners: what a contract allows at a moment."""
