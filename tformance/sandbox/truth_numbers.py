"""Plain statistics over planted values."""

from typing import Any

from tformance.sandbox.dataset import Row


def percentile(values: list[float], share: float) -> float | None:
    """Interpolated, as PostgreSQL's percentile_cont."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def spread(rows: list[Row], column: str) -> dict[str, Any]:
    values = [float(row[column]) for row in rows if row[column] is not None]
    shares = {"median": percentile(values, 0.5), "p75": percentile(values, 0.75), "p90": percentile(values, 0.9)}
    return {**shares, "n": len(values), "missing": len(rows) - len(values)}


def share(rows: list[Row], column: str) -> dict[str, Any]:
    """The part of all rows of which it is true; null where it is known of none."""
    known = [row[column] for row in rows if row[column] is not None]
    return {"value": sum(known) / len(rows) if known else None, "n": len(known), "missing": len(rows) - len(known)}


def rate(rows: list[Row], column: str) -> dict[str, Any]:
    """The part of the rows of which it is known that it is true."""
    known = [row[column] for row in rows if row[column] is not None]
    told = {"rate": sum(known) / len(known) if known else None, "sum": sum(known)}
    return {**told, "n": len(known), "missing": len(rows) - len(known)}
