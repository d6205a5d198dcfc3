"""One module per schema revision. A released one is never edited; the next change is a new module."""
