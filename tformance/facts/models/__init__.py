"""Django finds the models of an app here; everybody else imports them from their own module."""

from tformance.facts.models import coverage, delivery, people, pull_request, repository, review  # noqa: F401
