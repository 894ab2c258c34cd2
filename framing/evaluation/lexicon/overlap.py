"""Whose are the words that predictions rest on: a source's, a frame's, both, or neither.

overlap, summary = word_overlap(findings.words, source_words(...), frame_words(...))

A word is a source's if it marks any source, and a frame's if it marks the frame it adds to within sources
(`markers.py`). The overlap is the share of what the listed words add to a frame, over all explained sentences
that hold them, that comes from words that mark a source. By chance it would not be 0: frequent words mark
sources more easily, and predictions rest on words that are frequent enough to be learned. So it is compared
with what it would be if the marks were dealt anew, at random, among all words of about the same frequency
(the same power of 2 of occurrences).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from framing.evaluation.lexicon.words import plain

ALL_FRAMES = "all frames"

SOURCES, FRAMES, BOTH, NEITHER = "a source's word", "a frame's word", "both", "neither"
NOT_COMPARED = "not compared"
"""A mark, or a word that is too rare to be compared."""

DRAWS = 2000
"""How often the marks are dealt anew."""

Vector = NDArray[np.float64]


def word_overlap(
    words: pl.DataFrame, sources: pl.DataFrame, frames: pl.DataFrame, seed: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the words that add to frames with whose they are, and the overlap of every frame.

    Args:
        words: `frame`, `word`, `sentences`, `contribution`, as `explanations.strongest_words` makes them.
        sources: of `markers.source_words`.
        frames: of `markers.frame_words`.
        seed: of the draws.

    Returns:
        The tables `word_overlap` and `word_overlap_summary` of `Findings`; without rows if no word adds to a
        frame, or there is one source only.
    """
    adding = words.filter(pl.col("contribution") > 0) if words.height else words
    if adding.is_empty() or sources.is_empty():
        return pl.DataFrame(), pl.DataFrame()
    listed = _with_owners(adding, sources, frames)
    return listed, _summary(listed, sources, np.random.default_rng(seed))


def _with_owners(adding: pl.DataFrame, sources: pl.DataFrame, frames: pl.DataFrame) -> pl.DataFrame:
    """Return the words with the source that each marks most clearly, and whose they are."""
    strongest = (
        sources.filter("marks")
        .sort("z", "log_odds", "source", descending=[True, True, False])
        .unique("word", keep="first", maintain_order=True)
        .select("word", "source", "log_odds", "count", "count_rest", "inference")
    )
    within = frames.select("frame", "word", frame_log_odds="log_odds", frame_marks="marks")
    table = adding.with_columns(term=plain(adding["word"])).rename({"word": "shown"})
    table = table.join(strongest, left_on="term", right_on="word", how="left", maintain_order="left")
    table = table.join(
        within, left_on=["frame", "term"], right_on=["frame", "word"], how="left", maintain_order="left"
    )
    of_source, of_frame = pl.col("source").is_not_null(), pl.col("frame_marks").fill_null(False)
    whose = (
        pl.when(~pl.col("term").is_in(sources["word"].unique().to_list()))
        .then(pl.lit(NOT_COMPARED))
        .when(of_source & of_frame)
        .then(pl.lit(BOTH))
        .when(of_source)
        .then(pl.lit(SOURCES))
        .when(of_frame)
        .then(pl.lit(FRAMES))
        .otherwise(pl.lit(NEITHER))
    )
    return table.with_columns(whose=whose, word="shown").select(
        "frame", "word", "sentences", "contribution", "whose", "source", "log_odds", "count", "count_rest",
        "inference", "frame_log_odds",
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Dealt:
    """The compared words of a list, n of them, and the marks that chance would deal to them.

    Attributes:
        words: n rows of `word_overlap`.
        chance: shape (n,); the share of all words of about the same frequency that mark a source.
        draws: shape (DRAWS, n); whether the word would mark a source.
    """

    words: pl.DataFrame
    chance: Vector
    draws: NDArray[np.bool_]

    def row(self, rows: NDArray[np.bool_]) -> dict[str, object]:
        """Return the overlap of some of the words: shape (n,)."""
        names = ("share", "share_by_chance", "weighted", "weighted_by_chance", "chance_low", "chance_high")
        if not rows.any():
            return {"words": 0, "marking": 0} | dict.fromkeys([*names, "p", "sources_alone"])
        own = self.words.filter(rows)
        whose, weight = own["whose"], (own["contribution"] * own["sentences"]).to_numpy()
        marked = whose.is_in([SOURCES, BOTH]).to_numpy()
        weight = weight / weight.sum()
        weighted, dealt = float(weight @ marked), self.draws[:, rows] @ weight
        low, high = np.quantile(dealt, (0.025, 0.975))
        reached = int((dealt >= weighted - 1e-12).sum())
        values = (marked.mean(), self.chance[rows].mean(), weighted, weight @ self.chance[rows], low, high)
        return {
            "words": len(marked),
            "marking": int(marked.sum()),
            **{name: float(value) for name, value in zip(names, values, strict=True)},
            "p": (1 + reached) / (1 + DRAWS),
            "sources_alone": float(weight @ (whose == SOURCES).to_numpy()),
        }


def _summary(listed: pl.DataFrame, sources: pl.DataFrame, random: np.random.Generator) -> pl.DataFrame:
    """Return one row for all frames together, then one for each."""
    compared = listed.filter(pl.col("whose") != NOT_COMPARED)
    dealt = _deal(compared, sources, random)
    rows = []
    for frame in [ALL_FRAMES, *listed["frame"].unique(maintain_order=True)]:
        own = pl.lit(True) if frame == ALL_FRAMES else pl.col("frame") == frame
        chosen = np.broadcast_to(compared.select(own).to_series().to_numpy(), (compared.height,))
        left_out = listed.filter(own & (pl.col("whose") == NOT_COMPARED)).height
        rows.append({"frame": frame, "not_compared": left_out} | dealt.row(chosen))
    order = ["frame", "words", "not_compared", "marking"]
    table = pl.DataFrame(rows, infer_schema_length=None)
    return table.select(*order, pl.all().exclude(order).cast(pl.Float64))


def _deal(compared: pl.DataFrame, sources: pl.DataFrame, random: np.random.Generator) -> _Dealt:
    """Deal the marks of all words anew among those of a band; a word has one mark for all its frames."""
    band = (pl.col("count") + pl.col("count_rest")).log(2).floor()
    every = sources.group_by("word").agg(band=band.first(), marks=pl.col("marks").any())
    bands = every.group_by("band").agg(words=pl.len(), marked=pl.col("marks").sum())
    terms = plain(compared["word"])
    listed = (
        every.filter(pl.col("word").is_in(terms.unique().to_list()))
        .join(bands, on="band")
        .sort("band", "word")
    )
    draws = np.zeros((DRAWS, listed.height), dtype=np.bool_)
    column = 0
    for part in listed.partition_by("band", maintain_order=True):
        left, marked = part["words"][0], np.full(DRAWS, part["marked"][0])
        for _ in range(part.height):
            # Drawn without replacement: what the words before have taken is gone.
            draws[:, column] = random.random(DRAWS) * left < marked
            marked = marked - draws[:, column]
            left, column = left - 1, column + 1
    place = {word: number for number, word in enumerate(listed["word"])}
    of = np.array([place[word] for word in terms], dtype=np.intp)
    chance = (listed["marked"] / listed["words"]).to_numpy()
    return _Dealt(compared, chance[of], draws[:, of])
