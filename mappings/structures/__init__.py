"""Structures from YAML files, data dictionaries and code files."""
