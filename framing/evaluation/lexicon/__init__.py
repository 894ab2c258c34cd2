"""How the lexicon differs between sources, or any other groups of documents.

Counts come first (`words`, `counting`), then sums over documents (`sums`), then formulas over the sums
(`measures`), then tables (`tables`, `comparison`). Documents, not words, are the unit of inference.
"""
