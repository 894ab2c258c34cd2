"""Framing: learn how news frames a war, and report how its lexicon differs by source."""

__version__ = "0.1.0"
