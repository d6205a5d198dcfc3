"""SDMX-ML: the XML syntax of SDMX, one dialect per version of the standard."""
