"""Recipes: the versioned YAML documents that say how one kind of dataset becomes one dataflow."""
