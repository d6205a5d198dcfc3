"""Disclosure control: small cells and small counts do not give people away, and what can still be computed is said."""
