"""A run of a recipe: from the source to observations, with a report and a provenance record."""
