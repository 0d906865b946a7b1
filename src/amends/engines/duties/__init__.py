"""What the operator must notify users of, when and how: the duties of a jurisdiction, as dated
data."""
