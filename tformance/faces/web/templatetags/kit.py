"""The kit's wording and pictures for templates."""

from datetime import date, datetime, timedelta

from django import template

from tformance.faces.kit import notation
from tformance.faces.kit.icons import icon
from tformance.faces.web.shell import theme_of

register = template.Library()
register.simple_tag(icon)
register.filter("number", notation.number)
register.filter("percent", notation.percent)
register.filter("duration", notation.duration)
register.filter("initials", notation.initials)
register.filter("clock_time", notation.clock_time)


@register.simple_tag(takes_context=True)
def theme(context: template.Context) -> str:
    return theme_of(context["request"])


@register.filter
def hours(value: float) -> str:
    """A number of hours as '2.5 d'."""
    return notation.duration(timedelta(hours=value))


@register.filter
def day(when: date, today: date) -> str:
    return notation.day(when, today)


@register.filter
def ago(when: datetime, now: datetime) -> str:
    return notation.ago(when, now)


@register.simple_tag
def counted(count: int, one: str, many: str | None = None) -> str:
    return notation.counted(count, one, many)
