"""How a connection ends, and which answer each end asks for (fugle.md §1.6). Pure."""

from websockets.exceptions import ConnectionClosed, InvalidStatus, PayloadTooBig, WebSocketException

from ingestor.frames import Refused

_INVALID_KEY, _QUOTA, _BAD_REQUEST = 1000, 1001, 1003
_GOING_AWAY, _TRY_AGAIN_LATER, _TOO_BIG = 1001, 1013, 1009
_NOT_FOUND, _TOO_MANY = 404, 429


class WrongKeyError(Exception):
    """The exchange does not know the key: asking again would not help."""


class LostError(Exception):
    """The connection is of no more use; the next one may be."""


class CrowdedError(LostError):
    """The account has no connection free: wait long before asking again."""


# What a connection may end with; anything else is a fault of ours and ends the process.
NETWORK = (OSError, WebSocketException, LostError)


def refusal(refused: Refused) -> WrongKeyError | LostError:
    """What an `error` in reply to `auth` means."""
    said = f"code {refused.code}: {refused.text}"
    if refused.code == _INVALID_KEY:
        return WrongKeyError(f"the exchange refuses INGESTOR_FUGLE_API_KEY ({said})")
    if over_connections(refused) or refused.code in (_QUOTA, _BAD_REQUEST):
        return CrowdedError(f"the exchange refuses the connection ({said})")
    return LostError(f"authentication failed ({said})")


def over_connections(refused: Refused) -> bool:
    return _names_connections(refused.text)


def over_quota(refused: Refused) -> bool:
    return refused.code == _QUOTA and not over_connections(refused)


def is_crowded(fault: BaseException) -> bool:
    """Whether the account's sockets, or its tries, are used up."""
    match fault:
        case CrowdedError():
            return True
        case InvalidStatus():
            return fault.response.status_code in (_NOT_FOUND, _TOO_MANY)
        case ConnectionClosed(rcvd=close) if close is not None:
            going_away = close.code == _GOING_AWAY and _names_connections(close.reason)
            return going_away or close.code == _TRY_AGAIN_LATER
    return False


def described(fault: BaseException) -> str:
    """One line for the log."""
    if isinstance(fault, ConnectionClosed) and fault.sent is not None and fault.sent.code == _TOO_BIG:
        return f"a frame was too large: {fault.sent.reason}"
    if isinstance(fault, PayloadTooBig):
        return f"a frame was too large: {fault}"
    return str(fault) if isinstance(fault, LostError) else f"{type(fault).__name__}: {fault}"


def first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first cause inside groups of groups."""
    cause = group.exceptions[0]
    return first(cause) if isinstance(cause, BaseExceptionGroup) else cause


def _names_connections(text: str) -> bool:
    return "number of connections" in text.lower()
