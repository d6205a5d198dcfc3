"""Checks of observations against the data structure, its constraints, and traps that only the data show."""
