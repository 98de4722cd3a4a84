"""Where the project runs: one machine without Docker, the topics, the database's migrations."""
