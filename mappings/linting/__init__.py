"""Linting: a recipe checked without data, by itself and against the data structure of its dataflow."""
