"""The contract every service shares: records, topics, clock, calendar, settings. Imports none of the services."""
