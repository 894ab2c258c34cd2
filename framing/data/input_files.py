"""The files of an input folder: those that are articles, those that cannot be, those of other kinds."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from framing.core.errors import FramingError, Problem
from framing.data.articles import SUFFIXES


@dataclass(frozen=True)
class InputFile:
    """A file with articles.

    Attributes:
        name: its path below the input folder, with `/`; bytes that are not UTF-8 are written as `\\xNN`.
        folder: the first folder of that path, or the input folder itself.
        size: in bytes.
    """

    path: Path
    name: str
    folder: str
    size: int


@dataclass
class InputFiles:
    """What a folder holds.

    Attributes:
        articles: the files that can be read, in the order of their paths.
        problems: files and folders that cannot be read.
        passed_over: number of files that are not articles by their name, by suffix.
    """

    articles: list[InputFile] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)


def find_files(root: Path, leave_out: Sequence[Path]) -> InputFiles:
    """Return the files of a folder and of all folders in it, or the one file.

    Args:
        root: a folder or a file.
        leave_out: files and folders that are not looked at, such as the output.

    Raises:
        FramingError: there is no such folder or file.
    """
    if not root.exists():
        raise FramingError(
            f"input={root}: there is no such folder or file. Relative paths start at the folder where the "
            "command was typed."
        )
    found = InputFiles()
    if root.is_file():
        _add(found, root, root.parent)
        return found
    unwanted = {path.absolute() for path in leave_out}
    errors: list[OSError] = []
    for name, folders, files in os.walk(root, onerror=errors.append):
        here = Path(name)
        for folder in sorted(folders):
            if (here / folder).is_symlink():
                cure = "Copy the folder here, or give it as input."
                _cannot(found, _name(here / folder, root), "a link to a folder", "a folder", cure)
        folders[:] = sorted(folder for folder in folders if (here / folder).absolute() not in unwanted)
        for file in sorted(files):
            if (here / file).absolute() not in unwanted:
                _add(found, here / file, root)
    for error in errors:
        _cannot(found, _name(Path(str(error.filename)), root), f"{error.strerror}", "a folder to read")
    return found


def _add(found: InputFiles, path: Path, root: Path) -> None:
    name = _name(path, root)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        found.passed_over[suffix or "no suffix"] += 1
        return
    try:
        if not path.is_file():
            _cannot(found, name, "a broken link" if path.is_symlink() else "no regular file", "a file")
            return
        size = path.stat().st_size
    except OSError as error:
        _cannot(found, name, f"{error.strerror}", "a file to read")
        return
    first, slash, _ = name.partition("/")
    found.articles.append(InputFile(path, name, first if slash else root.absolute().name, size))


def _cannot(found: InputFiles, name: str, what: str, expected: str, cure: str = "Mend it.") -> None:
    found.problems.append(Problem(name, 0, "", what, expected, cure))


def _name(path: Path, root: Path) -> str:
    return os.fsencode(path.relative_to(root).as_posix()).decode("utf-8", "backslashreplace")
