"""Checks of observations against the data structure, its constraints, and the traps that citizen data really fall into."""
