"""The classifiers, one a file, behind the interface in `interface.py`; `folder.py` saves and loads them."""
