"""The virtual environments of the peers: one each, because their requirements exclude each other.

The versions are pinned in requirements/NAME.txt, and nothing is installed that is not named there: ConvoKit
asks for far more than its FightingWords imports (sentence-transformers and torch among it).
"""

import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parent / "requirements"


def python_of(peer: str, folder: Path) -> Path:
    """Return the Python of the environment of a peer, which is made where it is not there yet."""
    name = peer.split("-")[0]
    home = folder / name
    python = home / "bin" / "python"
    ready = home / "ready"
    wanted = (REQUIREMENTS / f"{name}.txt").read_text(encoding="utf-8")
    if not ready.is_file() or ready.read_text(encoding="utf-8") != wanted:
        print(f"making the environment of {name} in {home}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*install, "--requirement", str(REQUIREMENTS / f"{name}.txt")], check=True)
        ready.write_text(wanted, encoding="utf-8")
    return python
