"""What a run was made with: commit, versions, configuration."""

import platform
import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    "scikit-learn", "transformers", "torch", "datasets", "hydra-core", "mlflow", "numpy", "scipy", "polars"
)  # fmt: skip


def git_commit(folder: Path) -> str:
    """Return the commit that is checked out, "+changes" when files differ from it, or "unknown"."""
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None:
        return "unknown"
    return f"{commit}+changes" if _git(folder, "status", "--porcelain") else commit


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that results depend on."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def flat(settings: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Return nested settings with dotted keys: {"model": {"C": 1}} -> {"model.C": 1}."""
    values: dict[str, object] = {}
    for key, value in settings.items():
        if isinstance(value, Mapping):
            values |= flat(value, f"{prefix}{key}.")
        else:
            values[f"{prefix}{key}"] = value
    return values
