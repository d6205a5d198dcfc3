"""Data messages in SDMX-ML: generic and structure-specific, written and read."""
