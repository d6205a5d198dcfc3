"""Recipes as documents: the YAML read and typed, every value with its line. What a recipe says is checked in :mod:`mappings.linting`."""
