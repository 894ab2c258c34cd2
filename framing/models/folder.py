"""A saved model is one folder: JSON, the codebook, and weights that load without pickle.

`model.json` holds the kind, the model's state and the checksum of every other file, so that a folder
that was changed, cut short or made by something else is refused with a reason.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing import __version__
from framing.core.codebook import Codebook
from framing.core.errors import FramingError
from framing.models.interface import Model
from framing.models.kinds import CLASSES, model_class

FORMAT = 1
MANIFEST = "model.json"
CODEBOOK = "codebook.json"
THRESHOLDS = "thresholds.json"
CARD = "README.md"
"""The model card: for readers, so that changing it does not make the model another."""


def save_model(
    model: Model, codebook: Codebook, folder: Path, thresholds: NDArray[np.float64] | None = None
) -> None:
    """Write a fitted model into a folder, which is made if it is not there.

    `thresholds`, one a frame, say from which probability on a frame is predicted; 0.5 without them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CODEBOOK).write_text(codebook.to_json(), encoding="utf-8")
    values = np.full(len(codebook.frames), 0.5) if thresholds is None else thresholds
    by_frame = dict(zip(codebook.frame_ids, values.tolist(), strict=True))
    (folder / THRESHOLDS).write_text(json.dumps(by_frame, indent=2), encoding="utf-8")
    state = model.state(folder)
    files = {
        str(path.relative_to(folder)): _sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path not in (folder / MANIFEST, folder / CARD)
    }
    manifest = {
        "format": FORMAT, "framing": __version__, "kind": model.kind, "files": files, "state": state
    }  # fmt: skip
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2), encoding="utf-8")


def load_model(folder: Path) -> tuple[Model, Codebook]:
    """Read a model and its codebook back.

    Raises:
        FramingError: the folder is not a model of this project, or was changed after saving.
    """
    manifest = _manifest(folder)
    for name, sha256 in manifest["files"].items():
        path = folder / name
        if not path.is_file():
            raise FramingError(f"{path}: is missing. Copy the whole model folder.")
        if _sha256(path) != sha256:
            raise FramingError(
                f"{path}: is not the file that was saved (its checksum differs). "
                "Copy the model folder again from where it was trained."
            )
    codebook = Codebook.from_json((folder / CODEBOOK).read_text(encoding="utf-8"))
    return model_class(manifest["kind"]).restore(folder, manifest["state"]), codebook


def load_thresholds(folder: Path, codebook: Codebook) -> NDArray[np.float64]:
    """Return from which probability on each frame is predicted; 0.5 where the model was saved without."""
    path = folder / THRESHOLDS
    if not path.exists():
        return np.full(len(codebook.frames), 0.5)
    try:
        by_frame = json.loads(path.read_text(encoding="utf-8"))
        return np.array([float(by_frame[frame]) for frame in codebook.frame_ids])
    except (ValueError, KeyError, TypeError) as error:
        raise FramingError(
            f"{path}: found no number for every frame of {codebook.name}, expected "
            '{"frame": 0.5, ...}. Copy the model folder again from where it was trained.'
        ) from error


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FramingError(
            f"{folder}: is not a saved model ({MANIFEST} cannot be read). "
            "Expected the folder `model` of a training run."
        ) from error
    expected = {"format", "framing", "kind", "files", "state"}
    if not isinstance(manifest, dict) or set(manifest) != expected or CODEBOOK not in manifest["files"]:
        raise FramingError(f"{path}: was not written by this project; expected the keys {sorted(expected)}.")
    if manifest["format"] != FORMAT or manifest["kind"] not in CLASSES:
        raise FramingError(
            f"{path}: is a model of kind {manifest['kind']!r} in format {manifest['format']} (framing "
            f"{manifest['framing']}); this version reads format {FORMAT} and {', '.join(CLASSES)}."
        )
    return manifest


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
