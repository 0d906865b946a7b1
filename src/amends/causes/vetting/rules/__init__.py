"""Pure rules: findings of apps, faults of chains, labels of content."""
