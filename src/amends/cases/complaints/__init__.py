"""Any complaint in, an evidenced decision out."""
