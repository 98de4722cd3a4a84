"""Spark Structured Streaming: trades -> bars -> averages, in real-time mode, one checkpoint a trading day."""
