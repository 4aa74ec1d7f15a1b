"""The kit's wording and pictures for templates."""

from allauth.account.adapter import get_adapter
from django import template

from tformance.faces.kit import notation
from tformance.faces.kit.icons import icon
from tformance.faces.web.shell import theme_of

register = template.Library()
register.simple_tag(icon)
register.filter("number", notation.number)
register.filter("duration", notation.duration)
register.filter("initials", notation.initials)
register.filter("clock_time", notation.clock_time)


@register.simple_tag(takes_context=True)
def theme(context: template.Context) -> str:
    return theme_of(context["request"])


@register.simple_tag(takes_context=True)
def may_sign_up(context: template.Context) -> bool:
    """Whether this visitor may make an account."""
    return bool(get_adapter().is_open_for_signup(context["request"]))


@register.filter
def plain(word: str) -> str:
    """A provider's constant as words: 'timed_out' → 'timed out'."""
    return word.replace("_", " ")


@register.simple_tag
def counted(count: int, one: str, many: str | None = None) -> str:
    return notation.counted(count, one, many)
