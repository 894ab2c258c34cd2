"""From a corpus to annotators and back: tasks, sheets, their return, and what to label next."""
