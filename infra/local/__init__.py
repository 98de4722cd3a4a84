"""One machine, with nothing installed but Python: the pinned parts, their processes, and the supervisor over them."""
