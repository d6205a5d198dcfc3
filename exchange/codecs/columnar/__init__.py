"""Columnar data: Parquet and the Arrow IPC stream. Not SDMX formats; the schema metadata say what is what."""
