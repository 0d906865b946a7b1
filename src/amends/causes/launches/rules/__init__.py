"""Pure rules of launches: no framework, database, file, network or clock."""
