"""Data messages in SDMX-JSON, written and read."""
