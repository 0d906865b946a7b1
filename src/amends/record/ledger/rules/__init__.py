"""Pure rules of the log: tree, notes, segments; no database, file, network or clock."""
