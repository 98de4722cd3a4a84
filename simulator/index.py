"""Where the day's prints of one symbol and board stand in the ledger, in the exchange's order (time, serial)."""

from array import array
from bisect import bisect_left

_SERIAL_BITS = 27  # eight digits
_DAY_US = 86_400 * 1_000_000


class Index:
    """Sixteen bytes a print: an ordered key and the ledger offset of its line."""

    __slots__ = ("_keys", "_offsets")

    def __init__(self) -> None:
        self._keys = array("Q")
        self._offsets = array("Q")

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, time_us: int, serial: int, offset: int) -> bool:
        """Enter a print; False if it is there already (a repeat)."""
        key = (time_us % _DAY_US) << _SERIAL_BITS | serial
        if not self._keys or key > self._keys[-1]:
            self._keys.append(key)
            self._offsets.append(offset)
            return True
        at = bisect_left(self._keys, key)
        if self._keys[at] == key:
            return False
        self._keys.insert(at, key)
        self._offsets.insert(at, offset)
        return True

    def page(self, offset: int, limit: int, *, oldest_first: bool) -> list[int]:
        """Ledger offsets of `limit` prints after skipping `offset`."""
        if oldest_first:
            return list(self._offsets[offset : offset + limit])
        end = max(0, len(self._offsets) - offset)
        return list(self._offsets[max(0, end - limit) : end])[::-1]
