"""Structural metadata in SDMX-ML: one module per artefact family, reading and writing side by side."""
