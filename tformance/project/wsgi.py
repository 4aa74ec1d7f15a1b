"""What the web server loads."""

import os

from django.core.wsgi import get_wsgi_application

from tformance.project import environment
from tformance.project.postgres import roles

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tformance.project.settings")

roles.refuse_superuser(environment.text("DATABASE_URL"))
application = get_wsgi_application()
