"""SDMX-CSV 1.0, 2.0 and 2.1 (standards sheet, section 5)."""
