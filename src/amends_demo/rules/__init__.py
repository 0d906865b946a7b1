"""The pure simulation: one seed in, one world with known truth out."""
