"""Numbers, durations and dates as people say them; every space inside a value is a no-break one."""

from datetime import date, datetime, timedelta

THIN = "\u202f"
NBSP = "\u00a0"
DASH = "\u2013"
DAYS_FROM = timedelta(hours=36)


def number(value: float) -> str:
    """1420 → '1 420', 2.44 → '2.4'; whole numbers carry no decimals."""
    rounded = round(value, 1)
    text = f"{rounded:,.0f}" if rounded == int(rounded) else f"{rounded:,.1f}"
    return text.replace(",", THIN).replace("-", "\u2212")


def percent(share: float) -> str:
    """A share of 1 as a whole percentage; the ends are said only when they are exact."""
    points = round(share * 100)
    if points == 0 and share > 0:
        return f"under 1{THIN}%"
    if points == 100 and share < 1:
        return f"over 99{THIN}%"
    return f"{points}{THIN}%"


def duration_parts(span: timedelta) -> tuple[str, str]:
    """('6.5', 'h'): minutes under an hour, hours under a day and a half, days from there on."""
    minutes = span.total_seconds() / 60
    if minutes < 1:
        return "under 1", "min"
    if round(minutes) < 60:
        return f"{minutes:.0f}", "min"
    if span < DAYS_FROM:
        return _short(minutes / 60), "h"
    return _short(minutes / 1440), "d"


def duration(span: timedelta) -> str:
    """timedelta(hours=6.5) → '6.5 h'."""
    value, unit = duration_parts(span)
    return f"{value}{NBSP}{unit}"


def day(when: date, today: date) -> str:
    """'12 Nov', with the year when it is not this one."""
    text = f"{when.day}{NBSP}{when:%b}"
    return text if when.year == today.year else f"{text}{NBSP}{when.year}"


def span(first: date, last: date, today: date) -> str:
    """Two inclusive days with a dash between; years are said once they differ from today's."""
    return day(first, today) if first == last else f"{day(first, today)} {DASH} {day(last, today)}"


def clock_time(when: datetime) -> str:
    """'Mon 9 Nov, 10:12' in the zone the datetime carries."""
    return f"{when:%a} {when.day}{NBSP}{when:%b}, {when:%H:%M}"


def ago(when: datetime, now: datetime) -> str:
    """'4 min ago', 'just now', '3 d ago'."""
    passed = now - when
    if passed < timedelta(minutes=1):
        return "just now"
    return f"{duration(passed)} ago"


def initials(name: str) -> str:
    """'Maren Aldous' → 'MA', 'tokafor' → 'TO'."""
    words = [word for word in name.replace("-", " ").replace("_", " ").replace(".", " ").split() if word]
    letters = words[0][0] + words[-1][0] if len(words) > 1 else name.strip()[:2]
    return letters.upper()


def counted(count: int, one: str, many: str | None = None) -> str:
    """'1 pull request', '2 pull requests'."""
    return f"{number(count)}{NBSP}{one if count == 1 else many or one + 's'}"


def _short(value: float) -> str:
    """One decimal below ten, none above; '.0' is left out."""
    text = f"{value:.1f}" if round(value, 1) < 10 else f"{value:.0f}"
    return text.removesuffix(".0")
