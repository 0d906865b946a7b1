"""Keys, sealed fields, blind indexes, masks: how personal data rest."""
