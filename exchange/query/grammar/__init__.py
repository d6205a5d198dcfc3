"""The text of a request, path and parameters, read into query values (SDMX-REST 1.x and 2.x)."""
