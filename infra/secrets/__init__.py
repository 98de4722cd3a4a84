"""Secrets as files: the authority, the servers' keys and the users' passwords of the three hosts."""
