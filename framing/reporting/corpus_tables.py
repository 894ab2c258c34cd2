"""Sentences and their labels as the tables that reports show."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.core.corpus import Corpus, frame_lists, voice_names
from framing.evaluation.judgement import Judgement


def label_counts(corpus: Corpus) -> pl.DataFrame:
    """Return how many sentences of every source have every frame: `source`, `frame`, `sentences`."""
    source = corpus.sentences["source"].to_numpy()
    return pl.DataFrame(
        [
            {"source": name, "frame": frame, "sentences": int(corpus.frames[source == name, column].sum())}
            for name in corpus.sources
            for column, frame in enumerate(corpus.codebook.frame_ids)
        ]
    )


def sentence_table(
    corpus: Corpus,
    judgement: Judgement,
    *,
    folds: Sequence[str] = (),
    voices: NDArray[np.float64] | None = None,
) -> pl.DataFrame:
    """Return one row a sentence: what it is, its labels, what is predicted.

    Args:
        corpus: n sentences.
        judgement: what is predicted.
        folds: the fold of each; none when there are no folds.
        voices: shape (n, number of voices), probabilities.

    Returns:
        `id`, `source`, `article`, `kind`, `text`, `fold` (if there are folds), `frames` and
        `predicted_frames` (joined by ";"), `voice`, `predicted_voice` and the probabilities that there
        are: `p_<frame>`, `p_<voice>`.
    """
    codebook = corpus.codebook
    labels = pl.DataFrame(
        {
            "frames": [";".join(frames) for frames in corpus.frame_lists()],
            "predicted_frames": [";".join(frames) for frames in frame_lists(codebook, judgement.predicted)],
            "voice": corpus.voice_names(),
            "predicted_voice": voice_names(codebook, judgement.voices),
        },
        schema_overrides={"voice": pl.String, "predicted_voice": pl.String},
    )
    parts = [corpus.sentences.select("id", "source", "article", "kind", "text")]
    parts += [pl.DataFrame({"fold": list(folds)})] if folds else []
    parts.append(labels)
    for ids, shares in ((codebook.frame_ids, judgement.probabilities), (codebook.voice_ids, voices)):
        if shares is not None and len(ids):
            parts.append(pl.DataFrame(shares, schema=[f"p_{label}" for label in ids]))
    return pl.concat(parts, how="horizontal")
