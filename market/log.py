"""Logs: one line an event, `time level service event key=value`, on stderr."""

import logging
import sys
import time


def configure(service: str, level: int = logging.INFO) -> logging.Logger:
    """Root logging for one process; the service's own logger."""
    formatter = logging.Formatter(f"%(asctime)s.%(msecs)03dZ %(levelname)s {service} %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    return logging.getLogger(service)
