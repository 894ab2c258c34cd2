"""Types that every other part shares: corpus, codebook, configuration, errors. Imports nothing above."""
