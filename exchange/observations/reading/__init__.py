"""Answering a selection: which files, which rows, in which order, and what they hold together."""
