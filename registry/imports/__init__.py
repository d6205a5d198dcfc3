"""Bringing artefacts in: plan what changes, apply it in one transaction, report per artefact."""
