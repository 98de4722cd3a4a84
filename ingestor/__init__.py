"""Fugle to `trades`: every trade the exchange sends, confirmed, in its own words."""
