"""Data constraints: which apply, how they combine, and what they admit."""
