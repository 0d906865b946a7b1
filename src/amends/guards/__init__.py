"""What the database itself refuses: triggers laid after every migration, looked for at start."""
