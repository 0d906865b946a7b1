"""No tables: Django announces the end of migrations only to apps that have a models module."""
