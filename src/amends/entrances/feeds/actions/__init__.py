"""What people do with files they upload: store, preview, import, discard."""
