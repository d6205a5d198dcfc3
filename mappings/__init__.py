"""How citizen data become observations: readers, recipes, checks, protection, provenance."""
