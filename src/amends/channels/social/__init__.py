"""Social media: mentions, comments and private messages in; public and private answers out."""
