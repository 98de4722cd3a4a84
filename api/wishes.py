"""Snapshots still to be sent to one client, by symbol, in the order asked. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from api.hub import EVERY, Channel


@dataclass(frozen=True, slots=True)
class Wish:
    """Rows from the second `since` on, or those after `position`; `is_named`: not asked for by `*`."""

    channels: frozenset[Channel]
    since: int
    position: str | None
    is_named: bool

    def joined(self, other: "Wish") -> "Wish":
        return Wish(
            self.channels | other.channels,
            min(self.since, other.since),
            self.position if self.position == other.position else None,
            self.is_named or other.is_named,
        )


@dataclass(slots=True)
class Wishes:
    """What a client waits for."""

    _by_symbol: dict[str, Wish] = field(default_factory=dict)

    def add(self, symbol: str, wish: Wish) -> None:
        held = self._by_symbol.get(symbol)
        self._by_symbol[symbol] = held.joined(wish) if held else wish

    def remove(self, symbols: Iterable[str], channels: frozenset[Channel]) -> None:
        """Of some symbols; `*` stands for those that nobody named, and none at all for every one."""
        asked = frozenset(symbols)
        for symbol, wish in tuple(self._by_symbol.items()):
            if not asked or symbol in asked or (EVERY in asked and not wish.is_named):
                self._reduce(symbol, wish, channels)

    def _reduce(self, symbol: str, wish: Wish, channels: frozenset[Channel]) -> None:
        if wish.channels <= channels:
            del self._by_symbol[symbol]
        else:
            self._by_symbol[symbol] = replace(wish, channels=wish.channels - channels)

    def first(self) -> tuple[str, Wish] | None:
        return next(iter(self._by_symbol.items()), None)

    def take(self, symbol: str, wish: Wish) -> bool:
        """Whether it is still this wish; then it is no longer waited for."""
        if self._by_symbol.get(symbol) != wish:
            return False
        del self._by_symbol[symbol]
        return True

    def named(self) -> list[tuple[str, Wish]]:
        return [(symbol, wish) for symbol, wish in self._by_symbol.items() if wish.is_named]
