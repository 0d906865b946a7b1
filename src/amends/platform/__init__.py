"""Libraries of every app: command line, database, files, encryption, registry, packs."""
