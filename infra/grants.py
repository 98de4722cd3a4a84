"""Who may do what in the database: the table, and the SQL by which the server brings itself to it at each start."""

from collections.abc import Mapping

DATABASE = "stock_insights"

# `root` is not in it: it comes in from inside the server's own machine only. Each user may come from any host, over
# TLS. Whoever stores rows cannot change tables, and whoever changes tables answers no requests.
TABLE: Mapping[str, tuple[str, ...]] = {
    "writer": ("SELECT", "INSERT", "UPDATE", "DELETE"),
    "reader": ("SELECT",),
    "migrate": ("SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "INDEX", "DROP", "REFERENCES"),
}


def statements(passwords: Mapping[str, str], database: str = DATABASE) -> str:
    """SQL for the server's `init-file`, the same for MySQL 8.4, 9 and MariaDB 11.4; a statement a line, as it wants.

    It is run before anyone can connect, so users can be made anew, with these passwords and nothing but these rights.
    """
    schema = database.replace("_", "\\_")  # in a grant, _ stands for any letter
    lines = [
        f"CREATE DATABASE IF NOT EXISTS `{database}` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;",
        "DROP USER IF EXISTS 'root'@'%';",
    ]
    for user, rights in TABLE.items():
        lines += [
            f"DROP USER IF EXISTS '{user}'@'%';",
            f"CREATE USER '{user}'@'%' IDENTIFIED BY {_quoted(passwords[user])} REQUIRE SSL;",
            f"GRANT {', '.join(rights)} ON `{schema}`.* TO '{user}'@'%';",
        ]
    return "".join(f"{line}\n" for line in lines)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
