"""Readers of citizen files: one table of text per source, with the row of every record, and findings instead of guesses."""
