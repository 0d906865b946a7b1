"""Pure: the steps a complainant sees, and tracking codes as people type them."""
