"""Does the transformer beat the dictionary, TF-IDF and the source's name, and what does it still get wrong?

    python experiments/008-verdict/run.py evaluate=FILE

Trains the transformer with a whole evaluation on the seeds (leave one source out), beside the others; then
lets every saved model predict FILE (labelled JSON lines, never learned from) and compares them by
`framing.evaluate`. What is finished stays under outputs/008-verdict/ and is not done again; the tables that
the README quotes go to result.json.
"""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl

from framing.core.config import PROJECT

RESULT = Path(__file__).with_name("result.json")
PLACE = PROJECT / "outputs" / "008-verdict"
OTHERS = ("dictionary", "tfidf", "source_only")
KEPT = ("models", "comparisons", "frames", "voices", "mentions", "probes", "perturbations", "intervals",
        "learning_gain", "splits")  # fmt: skip


def main() -> None:
    options = dict(argument.split("=", 1) for argument in sys.argv[1:])
    seeds = PLACE / "seeds"
    train(seeds, "model=transformer", "baselines=[majority,source_only,dictionary,tfidf]", "resume=auto")
    result = {"seeds": tables(seeds)}
    if file := options.get("evaluate"):
        predictions = {"transformer": predicted(seeds / "model", file)}
        for model in OTHERS:
            train(PLACE / model, f"model={model}", "evaluation=quick")
            predictions[model] = predicted(PLACE / model / "model", file)
        result["file"] = tables(judged(predictions, file)) | {"name": Path(file).name}
    RESULT.write_text(json.dumps(result, indent=1) + "\n")


def train(folder: Path, *overrides: str) -> None:
    """Train into a folder, unless it holds a finished run."""
    if not (folder / "report.html").is_file():
        framing("train", *overrides, "tracking=none", f"hydra.run.dir={folder}")


def predicted(model: Path, file: str) -> Path:
    """Return the file of a saved model's predictions."""
    output = model.parent / f"{Path(file).stem}.parquet"
    if not output.is_file():
        framing(
            "predict", f"model={model}", f"input={file}", f"output={output}", "prefix=said_", "tracking=none"
        )
    return output


def judged(predictions: dict[str, Path], file: str) -> Path:
    """Return the folder of the evaluation of all predictions."""
    folder = PLACE / "file"
    if not (folder / "report.html").is_file():
        named = ", ".join(f"{name}: {path}" for name, path in predictions.items())
        framing("evaluate", f"predictions={{{named}}}", f"gold={file}", "prefix=said_", f"output={folder}")
    return folder


def framing(command: str, *overrides: str) -> None:
    subprocess.run([sys.executable, "-m", f"framing.{command}", *overrides], check=True, cwd=PROJECT)


def tables(folder: Path) -> dict[str, list[dict[str, object]]]:
    """Return the tables that are quoted."""
    paths = {name: folder / "tables" / f"{name}.csv" for name in KEPT}
    return {name: pl.read_csv(path).to_dicts() for name, path in paths.items() if path.is_file()}


if __name__ == "__main__":
    main()
