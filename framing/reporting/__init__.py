"""Results as people look at them: console tables, figures, and the page of a run."""
