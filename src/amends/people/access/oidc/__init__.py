"""Sign-in by an OpenID Connect provider: django-allauth, and what it leaves to the site decided."""
