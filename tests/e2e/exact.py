"""JSON with exact numbers."""

import json
from decimal import Decimal
from typing import Any


def exact_json(content: bytes | str) -> Any:
    return json.loads(content, parse_float=Decimal)
