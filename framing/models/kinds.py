"""Which class belongs to the kind that a saved model names; imported only when it is asked for."""

from importlib import import_module

from framing.models.interface import Model

CLASSES = {
    "majority": "Majority",
    "source_only": "SourceOnly",
    "dictionary": "Dictionary",
    "tfidf": "Tfidf",
    "probe": "Probe",
    "transformer": "Transformer",
    "ensemble": "Ensemble",
}
"""By kind, which is also the name of the module."""


def model_class(kind: str) -> type[Model]:
    """Return the class of a kind. Raises KeyError for one that is not there."""
    found: type[Model] = getattr(import_module(f"framing.models.{kind}"), CLASSES[kind])
    return found
