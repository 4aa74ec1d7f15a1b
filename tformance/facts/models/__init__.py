"""Django finds the models of an app here; everybody else imports them from their own module."""

from tformance.facts.models import (  # noqa: F401
    coverage,
    delivery,
    erased,
    organization,
    people,
    planning,
    pull_request,
    repository,
    review,
    rules,
    survey,
    term,
    touched,
)
