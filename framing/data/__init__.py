"""From files to a validated corpus: segmentation, reading, validation, splits."""
