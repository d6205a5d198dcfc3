"""Use cases of the registry: structure queries and resolved data schemas."""
