"""The database's schema as numbered SQL files; applied by `python -m infra.migrate`, never changed once released."""
