"""Mail: fetched by IMAP, read by pure rules (`reading`), written and sent by SMTP."""
