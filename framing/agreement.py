"""`python -m framing.agreement`: Krippendorff's alpha for every frame and for voice."""

from pathlib import Path

from omegaconf import DictConfig

from framing.cli import run_command, typed
from framing.core.config import AgreementConfig, Resample


def main(composed: DictConfig) -> None:
    """Compute agreement of the passes that the configuration names, write and print it."""
    from framing.annotation import alpha_table, disagreements, load_passes
    from framing.build import build_codebook, build_sentences
    from framing.reporting.console import print_table

    config = typed(composed, AgreementConfig)
    passes = load_passes(build_codebook(config.codebook), config.passes, build_sentences(config.data))
    table = alpha_table(
        passes,
        by_article=config.resample is Resample.article,
        draws=config.draws,
        seed=config.seed,
    )
    differing = disagreements(passes)
    output = Path(config.output)
    output.mkdir(parents=True, exist_ok=True)
    table.write_csv(output / "agreement.csv")
    differing.write_csv(output / "disagreements.csv")
    print_table(f"Krippendorff's alpha, {len(config.passes)} passes, 95% bootstrap interval", table)
    print(f"{differing.height} of {passes.sentences.height} sentences have labels that differ.")
    print(f"results  {output}")


if __name__ == "__main__":
    run_command(
        main,
        "agreement",
        "How far do annotators agree? Krippendorff's alpha for every frame and for voice,\n"
        "with bootstrap intervals, and the sentences they disagree on.",
    )
