"""Backup and restore: database, keys and files in one archive that proves itself."""
