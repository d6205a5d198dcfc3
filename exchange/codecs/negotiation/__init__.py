"""Choosing the format and language of an answer: media types as data, content negotiation as a pure function."""
