"""How every command starts: typed configuration by Hydra, help with every choice, errors for people.

Nothing heavy is imported here, so that `--help` and a mistyped key answer at once.
"""

import functools
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import hydra
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from framing.core.config import register
from framing.core.errors import FramingError
from framing.mistakes import explain
from framing.settings import CONFIGS, first_comment, groups, values

Config = TypeVar("Config")
Result = TypeVar("Result")
USER_ERROR = 2
INTERRUPTED = 130
READER_LEFT = 141


@dataclass(frozen=True)
class SweptRun(Generic[Result]):
    """One run: what sets it apart in a sweep, its folder, and what it gave, None where it failed."""

    changed: str
    folder: Path
    result: Result | None
    failed: bool = False


def run_command(
    task: Callable[[DictConfig], Result],
    name: str,
    explanation: str,
    after_sweep: Callable[[Sequence[SweptRun[Result]]], None] | None = None,
) -> None:
    """Compose `configs/<name>.yaml` with the command line and run the task on it.

    A name such as `codebook_new` belongs to a command of two words, `framing.codebook new`. `after_sweep`
    gets the runs of a sweep (`-m`) when all have ended.

    A user's mistake ends with one message on standard error and exit code 2. With HYDRA_FULL_ERROR=1 in
    the environment it ends with the traceback instead. A reader of the output that leaves, as `head` does,
    ends the command quietly.
    """
    sys.argv[1:] = _options_first(sys.argv[1:])
    show_traceback = os.environ.get("HYDRA_FULL_ERROR") == "1"
    os.environ["HYDRA_FULL_ERROR"] = "1"  # let errors through to the handlers below
    register()
    register_help(name, explanation)
    signal.signal(signal.SIGTERM, _interrupt)  # a job that a cluster ends is a killed run, not a running one
    done: list[SweptRun[Result]] = []
    job = _job(task, done, show_traceback=show_traceback)
    try:
        with _reader_may_leave():
            hydra.main(version_base="1.3", config_path=str(CONFIGS), config_name=name)(job)()
            if after_sweep is not None and len(done) > 1:
                after_sweep(done)
    except KeyboardInterrupt as error:
        print("\n".join(["Interrupted.", *getattr(error, "__notes__", [])]), file=sys.stderr)
        sys.exit(INTERRUPTED)
    except (FramingError, HydraException, OmegaConfBaseException) as error:
        if show_traceback:
            raise
        print(f"error: {explain(error, name)}", file=sys.stderr)
        sys.exit(USER_ERROR)
    if any(run.failed for run in done):
        sys.exit(USER_ERROR)


def _job(
    task: Callable[[DictConfig], Result], done: list[SweptRun[Result]], *, show_traceback: bool
) -> Callable[[DictConfig], None]:
    """Return the task as Hydra runs it: told of a mistake, a sweep goes on."""

    @functools.wraps(task)
    def job(composed: DictConfig) -> None:
        with _reader_may_leave():
            try:
                done.append(SweptRun(swept(), output_folder(), task(composed)))
            except FramingError as error:
                if show_traceback:
                    raise
                done.append(SweptRun(swept(), output_folder(), None, failed=True))
                print("\n".join([f"error: {error}", *getattr(error, "__notes__", [])]), file=sys.stderr)

    return job


@contextmanager
def _reader_may_leave() -> Iterator[None]:
    """End without a traceback when nobody reads standard output any more."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is flushed at the end
        sys.exit(READER_LEFT)


def _options_first(arguments: list[str]) -> list[str]:
    """Return the arguments with KEY=VALUE last: Hydra refuses an option that stands among them."""
    settings = [word for word in arguments if "=" in word and not word.startswith("-")]
    return [word for word in arguments if word not in settings] + settings


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def typed(composed: DictConfig, schema: type[Config]) -> Config:
    """Return the composed configuration as an instance of its dataclass."""
    if missing := sorted(OmegaConf.missing_keys(composed)):
        raise FramingError(f"{missing[0]}: has no value yet. Set it on the command line: {missing[0]}=...")
    config = OmegaConf.to_object(composed)
    if not isinstance(config, schema):
        raise TypeError(f"composed {type(config).__name__}, expected {schema.__name__}")
    return config


def plain(composed: DictConfig) -> dict[str, object]:
    """Return the composed configuration as nested dictionaries, choices by their name."""
    config = OmegaConf.to_container(composed, resolve=True, enum_to_str=True)
    return {str(key): value for key, value in config.items()} if isinstance(config, dict) else {}


def output_folder() -> Path:
    """Return the folder of this run, made by Hydra."""
    return Path(HydraConfig.get().runtime.output_dir)


def sweep_of() -> str | None:
    """Return what the runs of this `-m` sweep share: its folder and its command line; None outside one."""
    settings = HydraConfig.get()
    if settings.mode is not RunMode.MULTIRUN:
        return None
    changed = " ".join(argument for argument in sys.argv[1:] if "=" in argument)
    return f"{Path(settings.sweep.dir).absolute()}\n{changed}"


def swept() -> str:
    """Return what sets this run of a `-m` sweep apart, such as "model.C=10"; "" outside one."""
    settings = HydraConfig.get()
    if settings.mode is not RunMode.MULTIRUN:
        return ""
    typed_words = [word for word in sys.argv[1:] if "=" in word and not word.startswith("-")]
    parsed = OverridesParser.create().parse_overrides(typed_words)
    varied = {override.key_or_group for override in parsed if override.is_sweep_override()}
    return " ".join(word for word in settings.overrides.task if word.partition("=")[0].lstrip("+") in varied)


def register_help(name: str, explanation: str) -> None:
    """Register the help text of a command with Hydra: every choice and every setting with its line."""
    chosen = groups(name)
    typed_name = _typed_name(name)
    lines = [explanation, *(["", "Choices (group=choice):"] if chosen else [])]
    for group in chosen:
        lines += ["", f"  {group}"]
        lines += [
            f"    {path.stem:<22} {first_comment(path)}" for path in sorted((CONFIGS / group).glob("*.yaml"))
        ]
    lines += [
        "",
        "Settings (key=value), as they stand now:",
        "",
        _indented(values(CONFIGS / f"{name}.yaml")),
    ]
    for group, choice in chosen.items():
        if group != "codebook" and choice != "None":
            lines += ["", f"  {group}:", _indented(values(CONFIGS / group / f"{choice}.yaml"), by=4)]
    lines += [
        "", f"The whole configuration: python -m framing.{typed_name} --cfg job",
        f"Several runs in one go:  python -m framing.{typed_name} -m KEY=VALUE,VALUE", "",
    ]  # fmt: skip
    # Hydra reads "$" and "${" in a template; ours has none to fill in.
    template = "\n".join(lines).replace("${", "{").replace("$", "")
    node = {"app_name": f"framing.{typed_name}", "header": "", "footer": "", "template": template}
    ConfigStore.instance().store(group="hydra/help", name=name, node=node)


def _typed_name(name: str) -> str:
    """Return how a command is typed: `codebook_new` is `codebook new`, as `codebook` is a command."""
    first, _, rest = name.partition("_")
    return f"{first} {rest}" if rest and (CONFIGS / f"{first}.yaml").exists() else name


def _indented(text: str, by: int = 2) -> str:
    return "\n".join(" " * by + line if line else "" for line in text.split("\n"))
