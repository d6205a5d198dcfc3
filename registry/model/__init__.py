"""The SDMX 3.1 information model as plain, frozen data: one module per artefact family, no input or output."""
