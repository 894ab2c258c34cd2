"""`python -m framing.agreement`: Krippendorff's alpha for every frame, their sets, and voice."""

from omegaconf import DictConfig

from framing.cli import run_command, typed
from framing.core.command_config import AgreementConfig, Resample


def main(composed: DictConfig) -> None:
    """Compute agreement of the passes that the configuration names, write and print it."""
    from framing.annotation import alpha_table, confusion, disagreements, load_passes, voice_confusion
    from framing.build import build_codebook, build_sentences
    from framing.reporting.console import print_table
    from framing.reporting.writing import new_folder

    config = typed(composed, AgreementConfig)
    passes = load_passes(build_codebook(config.codebook), config.passes, build_sentences(config.data))
    output = new_folder(config.output)
    table = alpha_table(
        passes,
        by_article=config.resample is Resample.article,
        draws=config.draws,
        seed=config.seed,
    )
    differing = disagreements(passes)
    table.write_csv(output / "agreement.csv")
    differing.write_csv(output / "disagreements.csv")
    pairs, voices = confusion(passes), voice_confusion(passes)
    pairs.write_csv(output / "confusion.csv")
    voices.write_csv(output / "voice_confusion.csv")
    print_table(f"Krippendorff's alpha, {len(passes.names)} annotators, 95% bootstrap interval", table)
    print_table("by pair of annotators: sentences that have the frame", pairs)
    if voices.height:
        print_table(
            "by pair of annotators: voices that differ",
            voices.filter((voices["voice_first"] != voices["voice_second"]) & (voices["sentences"] > 0)),
        )
    print(f"{differing.height} of {passes.sentences.height} sentences have labels that differ.")
    print(f"results  {output}")


if __name__ == "__main__":
    run_command(
        main,
        "agreement",
        "How far do annotators agree? Krippendorff's alpha for every frame, for sets of frames (MASI)\n"
        "and for voice, with bootstrap intervals; every two annotators' confusion; and the sentences\n"
        "they disagree on.",
    )
