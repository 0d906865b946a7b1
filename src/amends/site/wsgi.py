"""The WSGI entrance."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amends.site.settings")
application = get_wsgi_application()

from amends.site.tracing import start_tracing  # noqa: E402 (settings must stand first)

start_tracing("web")
gc.freeze()  # as in `cli.start`: no request waits until what was loaded is looked through
