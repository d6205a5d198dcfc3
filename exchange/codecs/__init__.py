"""Wire formats: SDMX-ML, SDMX-JSON, SDMX-CSV, Parquet and Arrow, and the negotiation between them."""
