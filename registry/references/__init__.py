"""What points at what: references of an artefact, their resolution, closure, stubs and partial schemes."""
