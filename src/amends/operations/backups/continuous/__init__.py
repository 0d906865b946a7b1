"""A backup that is kept up all the time, and from which any moment can be restored.

SQLite: pages that were committed are copied from the write-ahead log every few seconds, upon a copy
of the whole file each day. PostgreSQL: its own base backups and its own log, received as it is
written. Keys and files go along in both.
"""
