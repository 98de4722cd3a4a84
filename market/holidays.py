"""Weekdays on which the Taiwan Stock Exchange (XTAI) is closed, by year, as announced; typhoon days come by setting."""

from datetime import date

_CLOSED = {
    2026: "0101 0212 0213 0216 0217 0218 0219 0220 0227 0403 0406 0501 0619 0925 0928 1009 1026 1225",
    2027: "0101 0204 0205 0208 0209 0210 0301 0405 0430 0609 0915 0928 1011 1025",
}

XTAI = frozenset(date(year, int(day[:2]), int(day[2:])) for year, days in _CLOSED.items() for day in days.split())
