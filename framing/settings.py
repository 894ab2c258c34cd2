"""Which choices and settings there are, read from `configs/`: for the help of a command and its errors."""

from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from framing.core.config import PROJECT

CONFIGS = PROJECT / "configs"


def groups(command: str) -> dict[str, str]:
    """Return the groups that a command chooses from, and its choice."""
    defaults = OmegaConf.select(OmegaConf.load(CONFIGS / f"{command}.yaml"), "defaults")
    choices = [item for item in defaults if isinstance(item, DictConfig)]
    return {
        str(group): str(choice)
        for item in choices
        for group, choice in item.items()
        if (CONFIGS / str(group)).is_dir()
    }


def names_in(path: Path, inside: str = "") -> list[str]:
    """Return the names of the settings in a YAML file, or of those inside one of its settings."""
    config = OmegaConf.load(path)
    found = OmegaConf.select(config, inside) if inside else config
    return (
        [str(name) for name in found if name not in ("defaults", "hydra")]
        if isinstance(found, DictConfig)
        else []
    )


def names_of_choice(group: str, choice: str, inside: str = "") -> list[str]:
    """Return the names of the settings of a choice, also of those that it shares with others."""
    path = CONFIGS / group / f"{choice}.yaml"
    if not path.exists():  # a file of the user's own, elsewhere
        return []
    defaults = OmegaConf.select(OmegaConf.load(path), "defaults") or []
    shared = [str(item).partition("@")[0] for item in defaults]
    files = [CONFIGS / group / f"{name}.yaml" for name in shared if name[:1] not in ("/", "_")]
    return [name for file in [path, *files] for name in names_in(file, inside)]


def choices(group: str) -> list[str]:
    """Return the choices of a group, in the order of their names."""
    return sorted(path.stem for path in (CONFIGS / group).glob("*.yaml"))


def first_comment(path: Path) -> str:
    """Return the first comment of a YAML file, which says what it is."""
    comments = [line[1:].strip() for line in path.read_text(encoding="utf-8").splitlines() if line[:1] == "#"]
    return next(comment for comment in comments if not comment.startswith("@package"))


def values(path: Path) -> str:
    """Return what a YAML file sets, without its heading, its defaults list and Hydra's own settings."""
    text = path.read_text(encoding="utf-8")
    _, _, found = text.partition("  - override hydra/hydra_logging: none\n")
    if not found:
        _, _, found = text.partition("  - _self_\n")
    return found.partition("\nhydra:")[0].strip("\n")
