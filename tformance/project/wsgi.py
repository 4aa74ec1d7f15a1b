"""What the web server loads."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from tformance.project import environment
from tformance.project.postgres import roles

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tformance.project.settings")

roles.refuse_superuser(environment.text("DATABASE_URL"))
application = get_wsgi_application()
import_module(settings.ROOT_URLCONF)
# What is loaded stays. Looking through all of it for garbage now and then would hold up a page for a tenth of a second.
gc.collect()
gc.freeze()
