"""Pure rules of messages: languages, retries, files, masked errors."""
