"""The moment the page first shows a live price: the first bar that the API pushes to a browser."""

import asyncio
import json
import time

import psutil
import websockets

from infra.local import ports

_RETRY_S = 0.05


def age_s() -> float:
    """Seconds since this process was started, the environment's check before it included."""
    return time.time() - psutil.Process().create_time()


async def first_price(page_port: int) -> str:
    """Wait for it; the bar in words."""
    url = f"ws://{ports.HOST}:{page_port}/ws?channels=bars&symbols=*"
    while True:
        try:
            async with websockets.connect(
                url, origin=websockets.Origin(f"http://{ports.HOST}:{page_port}"), proxy=None
            ) as page:
                async for frame in page:
                    message = json.loads(frame)
                    if message.get("type") == "bar":
                        return f"{message['data']['symbol']} at {message['data']['close']}"
        except (OSError, websockets.WebSocketException):
            pass
        await asyncio.sleep(_RETRY_S)
