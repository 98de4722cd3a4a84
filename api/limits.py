"""What one client may do. Pure."""

import msgspec

MAILBOX = 5_000
LONGEST_STANDSTILL_S = 30.0


class Limits(msgspec.Struct, frozen=True):
    """What one client may do, published in `welcome`.

    A client that has not read for `standstill_s`, or for whom `mailbox` messages wait, is closed with 1013; one that
    leaves a ping, which comes every `ping_s`, unanswered for `pong_within_s` is cut off.
    """

    frame_bytes: int = 4_096
    subscriptions: int = 1_000
    messages_per_s: int = 20
    connections: int = 2_000
    subscribe_within_s: int = 30
    snapshot_s: int = 20_000
    mailbox: int = MAILBOX
    standstill_s: float = LONGEST_STANDSTILL_S
    ping_s: float = 20.0
    pong_within_s: float = 20.0
