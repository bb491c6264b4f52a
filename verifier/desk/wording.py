"""Dates, years and ages in a language's words."""

from __future__ import annotations

import datetime

from vc_core.coverage import BANGKOK
from verifier.desk.texts import Texts

_BUDDHIST_ERA = 543
_STEPS = ((86_400, "age_day", "age_days"), (3_600, "age_hour", "age_hours"), (60, "age_minute", "age_minutes"))


def format_date(date: str, texts: Texts) -> str:
    """A date (`YYYY-MM-DD`) with the month's name; in Thai its year is of the Buddhist era."""
    day = datetime.date.fromisoformat(date)
    month = texts.labels["months"].split()[day.month - 1]
    return texts.labels["date"].format(day=day.day, month=month, year=day.year, buddhist_year=day.year + _BUDDHIST_ERA)


def format_year(year: int, texts: Texts) -> str:
    """A Gregorian year; in Thai as one of the Buddhist era too."""
    return texts.labels["year"].format(year=year, buddhist_year=year + _BUDDHIST_ERA)


def format_time(seconds: int) -> str:
    """The time of day in Thailand of a moment in seconds since 1970, as `HH:MM:SS`."""
    return datetime.datetime.fromtimestamp(seconds, BANGKOK).strftime("%H:%M:%S")


def format_age(seconds: int | None, texts: Texts) -> str:
    """An age in its largest whole unit, rounded down; None is one that nobody knows."""
    if seconds is None:
        return texts.labels["age_unknown"]
    for unit, one, many in _STEPS:
        if seconds >= unit:
            count = seconds // unit
            return texts.labels[one] if count == 1 else texts.labels[many].format(count=count)
    return texts.labels["age_now"]
