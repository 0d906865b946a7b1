"""Files of usage records: found, identified by content, read as columns from any row on."""
