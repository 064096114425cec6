"""The WSGI application."""

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ops.settings")

application = get_wsgi_application()

# Routes load with their first request; a route without a policy must not wait for it.
import_module("ops.engines.http.checks").require_declared()
