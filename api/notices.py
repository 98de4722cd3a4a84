"""What the feed says of a symbol besides its trades, as it is told on `status`. Pure."""

from collections.abc import Mapping, Sequence

from api.events import Event
from api.frames import text_frame
from api.memory import Memory
from api.protocol import wrapped
from api.records import Raw
from api.stages import LONGEST_DELAY_S
from market.messages import Delay, Gap, Pause, decode_bar


def event(record: Gap | Pause | Delay, raw: Raw) -> Event:
    """Of one gap the last word only."""
    match record:
        case Gap():
            span_us, told_us = (record.from_us, record.to_us), record.at_us or record.to_us
            frame = text_frame(wrapped("gap", raw.value or b""))
        case Pause() | Delay():
            span_us, told_us = (record.time_us, 0), record.time_us
            frame = text_frame(wrapped("pause" if isinstance(record, Pause) else "delay", raw.value or b""))
    key = (type(record).__name__, record.symbol, span_us)
    return Event("status", record.symbol, key, told_us // 1_000_000, frame, ("feed", raw.partition), raw.offset)


def delayed(delays: Mapping[str, Sequence[Delay]], memory: Memory, now_s: int) -> list[Delay]:
    """The calls that are put off now, as far as the bars tell of their end."""
    return [told[-1] for _, told in sorted(delays.items()) if _is_put_off(told[-1], memory, now_s)]


def _is_put_off(delay: Delay, memory: Memory, now_s: int) -> bool:
    told_s = delay.time_us // 1_000_000
    if not told_s <= now_s < told_s + LONGEST_DELAY_S:
        return False
    since = [decode_bar(each.value) for each in memory.rows("bar", delay.symbol, told_s)]
    return not any(delay.auction in {"open", bar.auction} for bar in since)
