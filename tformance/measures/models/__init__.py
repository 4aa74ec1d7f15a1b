"""Django finds the models of an app here; everybody else imports them from their own module."""

from tformance.measures.models import rollup, weekly  # noqa: F401
