"""Numbers out of arrays: scores, agreement, lexicon. Knows no model, so any prediction can be scored."""
