"""How far the reading of some partitions has come. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

Where = tuple[str, int]


@dataclass(slots=True)
class Progress:
    """How far reading has come, and whether it ever reached what stood in the topics at its start."""

    targets: dict[Where, int] | None = None
    lags: dict[Where, int] = field(default_factory=dict)  # records not read yet, as the client last counted them

    def begin(self, starts: Iterable[tuple[Where, int, int]]) -> None:
        """`starts`: partition, first offset to read, end at this moment."""
        self.targets = {where: end for where, first, end in starts if first < end}

    def reach(self, where: Where, next_offset: int) -> None:
        if self.targets and next_offset >= self.targets.get(where, next_offset + 1):
            del self.targets[where]

    def behind(self) -> int:
        """Partitions that have not reached their target."""
        return len(self.targets or ())

    @property
    def assigned(self) -> bool:
        return self.targets is not None

    @property
    def caught_up(self) -> bool:
        return self.targets is not None and not self.targets
