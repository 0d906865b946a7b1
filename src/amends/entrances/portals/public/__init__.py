"""The public site: file a complaint, follow it, answer what was proposed; without JavaScript."""
