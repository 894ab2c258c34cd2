# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The baseline
#
# How far does a simple text model get in telling the frames of a sentence, in a source it has never read?
# The model is TF-IDF with one logistic regression a frame. Beside it stand two baselines that read no text:
# `majority` knows how frequent each frame is, `source_only` also knows the name of the source.
#
# The answer, in short: not far. Macro-F1 is about 0.1. A hundred sentences from five documents teach almost
# nothing that carries over from one source to another. This notebook shows the result as it is, and what it
# does and does not mean. `01_corpus` describes the sentences, the labels and their limits. What is said here
# in words is about the stored documents and the default settings.

# %%
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib as mpl
import numpy as np
import polars as pl
from hydra import compose, initialize_config_dir
from IPython.display import Image
from IPython.utils.capture import capture_output
from matplotlib.figure import Figure
from sklearn.metrics import average_precision_score

from framing.build import build_codebook, build_corpus, build_tracker
from framing.build_examination import build_examination
from framing.build_lexicon import build_rules
from framing.build_model import build_baseline, build_model
from framing.build_split import build_near_duplicate_rule, build_split
from framing.cli import CONFIGS, register_help, typed
from framing.core.config import TrainConfig, register
from framing.core.data_config import OnRowError, OnSingleSource
from framing.cross_validation import Teaching, cross_validate
from framing.data.splits import at_random
from framing.evaluation.scores import frame_table, summary
from framing.models.folder import load_model
from framing.pipeline import TrainingPlan, train
from framing.reporting.evaluation_figures import evaluation_figures, frame_intervals_figure
from framing.reporting.figures import COLOURS, STYLE
from framing.tracking.tracker import RunDescription

pl.Config(
    tbl_rows=-1,
    tbl_cols=-1,
    fmt_str_lengths=1000,
    float_precision=2,
    tbl_hide_dataframe_shape=True,
    tbl_hide_column_data_types=True,
)


def picture(figure: Figure) -> Image:
    """Return a figure as a notebook can show it: without pyplot it has no picture of its own."""
    png = BytesIO()
    figure.savefig(png, format="png", dpi=110)
    return Image(png.getvalue())


# %% [markdown]
# The settings are those of the command `python -m framing.train data=seeds evaluation=quick tracking=none
# baselines=[majority,source_only]`. `04_report` shows what a whole evaluation adds.

# %%
register()
register_help("train", "")
with initialize_config_dir(str(CONFIGS), version_base="1.3"):
    chosen = ["data=seeds", "tracking=none", "baselines=[majority,source_only]", "evaluation=quick"]
    config = typed(compose("train", overrides=chosen), TrainConfig)
    random_config = typed(compose("train", overrides=[*chosen, "split=random"]), TrainConfig)
codebook = build_codebook(config.codebook)
loaded = build_corpus(config.data, codebook)
corpus = loaded.corpus
models = {config.model.name: build_model(config.model)}
models |= {baseline.value: build_baseline(baseline) for baseline in config.baselines}
plan = TrainingPlan(
    run=RunDescription(config.name, {}),
    folder=Path(),
    split=build_split(config.split, config.seed),
    split_name=config.split.name,
    near_duplicates=build_near_duplicate_rule(config.near_duplicates, config.similarity, config.spellings),
    models=models,
    threshold=config.threshold,
    inner=None,
    unfinished=Path(config.unfinished),
    resume=False,
    helping=False,
    examination=build_examination(config.evaluation, config.model, config.seed),
    label_origin=config.data.label_origin,
    lexicon=build_rules(config.lexicon),
    quarantine=config.data.on_error is OnRowError.quarantine,
    keep_single_source_frames=config.data.single_source_frames is OnSingleSource.keep,
)

# %% [markdown]
# ## Leave one source out
#
# Each source in turn is left out; the model learns from the other four and is scored on the one it has not
# seen. The predictions of the five folds are then scored together.

# %%
folds = plan.split(corpus)
pl.DataFrame(
    [
        {
            "left out": fold.name,
            "learned from": len(fold.train),
            "scored": len(fold.test),
            "scored but never taught": ", ".join(
                frame
                for column, frame in enumerate(codebook.frame_ids)
                if corpus.frames[fold.test, column].any() and not corpus.frames[fold.train, column].any()
            ),
        }
        for fold in folds
    ]
)

# %% [markdown]
# The run itself is the project's own: it fits, scores, writes tables, figures and the final model into a
# folder, here a temporary one. What it prints is shown as tables below.

# %%
with TemporaryDirectory() as folder, capture_output():
    results = train(replace(plan, folder=Path(folder)), loaded, build_tracker(config.tracking))
    final, _ = load_model(Path(folder) / "model")

print(*results.all_notices(), sep="\n")

# %% [markdown]
# ## All models on the same folds
#
# The last row is no model: it gives every frame to every sentence. It is there because a macro-F1 of 0 for
# the baselines is no yardstick. No frame is in half of the sentences, so a model without text never gives
# one. Its exact matches are the sentences that have no frame.
#
# **The TF-IDF model is above the two baselines, and in macro-F1 it is below the row that gives everything.**
# By that measure it cannot be called a classifier of frames.

# %%
every_frame = summary(corpus.frames, np.ones_like(corpus.frames))
scores = pl.concat(
    [results.findings.models, pl.DataFrame([{"model": "(every frame, always)", **every_frame}])],
    how="diagonal",
)
scores

# %% [markdown]
# ## By frame
#
# Three frames are given at all, each much too seldom; the other five never. Where the score is 0, precision
# is 0 by convention: there is nothing to divide by. The perfect precision of `occupation` is one sentence.
# `defensive_justification` had to fail: its one source is left out exactly when it is scored.

# %%
picture(frame_intervals_figure(results.findings.frames))

# %% [markdown]
# F1 depends on the threshold, here 0.5, which rare frames hardly reach. Average precision does not: it asks
# whether sentences with the frame are ranked above sentences without it. For comparison the labels of each
# frame are shuffled inside every source. Three frames (`capture`, `occupation`, `civilian_harm`) lie well
# above what shuffled labels reach: about their wording the model has learned something. For the rest there
# is little sign of it or none. Shuffling treats the sentences of a document as independent, so even this is
# on the generous side.

# %%
SHUFFLES = 200

generator = np.random.default_rng(config.seed)
probabilities = results.sentences.select([f"p_{frame}" for frame in codebook.frame_ids]).to_numpy()
shuffled = np.empty((SHUFFLES, len(codebook.frames)))
for draw in range(SHUFFLES):
    labels = corpus.frames.copy()
    for fold in folds:
        labels[fold.test] = labels[generator.permutation(fold.test)]
    shuffled[draw] = average_precision_score(labels, probabilities, average=None)
ranking = results.findings.frames.select(
    "frame",
    "support",
    "f1",
    "average_precision",
    pl.Series("shuffled, mean", shuffled.mean(axis=0)),
    pl.Series("shuffled, 97.5%", np.quantile(shuffled, 0.975, axis=0)),
)
ranking

# %% [markdown]
# ## By source
#
# The scores of each source when it is left out, over its own frames. They say how the model does on one
# document after learning from four others. They say nothing about the quality of a source, and the order is
# alphabetical. A document with many sentences without a frame gets many exact matches for nothing.

# %%
results.findings.slices.filter(pl.col("by") == "source")

# %% [markdown]
# ## What a random split would claim
#
# If single sentences are drawn at random, every document stands on both sides, and a model may recognise the
# document instead of the frame. The number of sentences to learn from is about the same as above. One draw
# decides little, so there are five.

# %%
DRAWS = 5

splits = {seed: at_random(corpus, folds=random_config.split.folds, seed=seed) for seed in range(DRAWS)}
splits[None] = folds
tables = []
with capture_output():
    for seed, parts in splits.items():
        for model, prediction in cross_validate(models, Teaching(corpus, None), parts).items():
            predicted = prediction.frame_labels(codebook, config.threshold)
            tables.append(
                frame_table(codebook.frame_ids, corpus.frames, predicted, prediction.frames).with_columns(
                    split=pl.lit(config.split.name if seed is None else random_config.split.name),
                    seed=pl.lit(seed, dtype=pl.Int64),
                    model=pl.lit(model),
                )
            )
all_frames = pl.concat(tables)
runs = all_frames.group_by("model", "split", "seed", maintain_order=True).agg(
    pl.col("f1").mean().alias("macro-F1"),
    pl.col("average_precision").mean().alias("mean average precision"),
)
gap = runs.group_by("model", "split", maintain_order=True).agg(
    pl.col("macro-F1").mean(),
    pl.col("macro-F1").min().alias("lowest"),
    pl.col("macro-F1").max().alias("highest"),
    pl.col("mean average precision").mean(),
)
gap

# %%
chance = {
    "macro-F1": (every_frame["macro_f1"], "every frame, always"),
    "mean average precision": (corpus.frames.mean(), "mean share of a frame"),
}
with mpl.rc_context(STYLE):
    gap_figure = Figure(figsize=(8, 3))
    for axes, (measure, (value, name)) in zip(
        gap_figure.subplots(1, 2, sharey=True), chance.items(), strict=True
    ):
        axes.axvline(value, color="#444444", linewidth=0.8, linestyle="--", label=name)
        for is_random, marker, colour, label in (
            (True, "o", COLOURS[5], f"random split, {DRAWS} draws"),
            (False, "D", COLOURS[0], "leave one source out"),
        ):
            shown = runs.filter((pl.col("split") == random_config.split.name) == is_random)
            height = [list(models).index(model) + (-0.13 if is_random else 0.13) for model in shown["model"]]
            fill = "none" if is_random else colour
            axes.scatter(
                shown[measure], height, s=26, marker=marker, facecolors=fill, edgecolors=colour, label=label
            )
        axes.set(xlabel=measure, xlim=(-0.02, 0.6), ylim=(len(models) - 0.4, -0.6))
        axes.set_yticks(range(len(models)), list(models))
        axes.legend(frameon=False, fontsize=8, loc="lower right")
picture(gap_figure)

# %% [markdown]
# The random split is the more flattering one: by average precision clearly, by macro-F1 on most draws. Even
# `source_only`, which reads no text, gains from it, for then the name of the document predicts its frames.
# By frame:

# %%
average_precision = pl.col("average_precision")
is_random_split = pl.col("split") == random_config.split.name
gap_by_frame = (
    all_frames.filter(pl.col("model") == config.model.name)
    .group_by("frame", "support", maintain_order=True)
    .agg(
        average_precision.filter(~is_random_split).mean().alias("leave one source out"),
        average_precision.filter(is_random_split).mean().alias("random, mean"),
        average_precision.filter(is_random_split).min().alias("random, lowest"),
        average_precision.filter(is_random_split).max().alias("random, highest"),
    )
)
gap_by_frame

# %% [markdown]
# Part of the gap is `defensive_justification`, which a random split can teach and the other cannot. But most
# frames lose. `occupation` does not: "occupied" and "occupation" are the same words in several documents.
# This gap is why the project scores sources that were left out. A random split tells how the model would do
# on further sentences of these five documents, and there are none.
#
# ## What the final model has learned
#
# The final model is fitted on all sentences, and no score belongs to it. A weight tells which strings push
# towards a frame beside the others. The model sees words and pairs of words, and pieces of words of three to
# five characters.

# %%
SHOWN = 8

frame_head = final.heads.frames
features = np.array(final.features.get_feature_names_out())
parts = np.char.partition(features.astype(str), "__")
analyzer, strings = parts[:, 0], parts[:, 2]


def strongest(weights: np.ndarray, kind: str) -> list[int]:
    columns = np.flatnonzero(analyzer == kind)
    return columns[np.argsort(-weights[columns], kind="stable")[:SHOWN]].tolist()


with mpl.rc_context(STYLE):
    weights_figure = Figure(figsize=(8, 8.6))
    for axes, column, weights in zip(
        weights_figure.subplots(4, 2, sharex=True).flat, frame_head.columns, frame_head.weights, strict=True
    ):
        top = strongest(weights, "word")
        axes.barh(range(len(top)), weights[top], color=COLOURS[0], height=0.65)
        axes.set_yticks(range(len(top)), strings[top])
        axes.set_title(codebook.frame_ids[column])
        axes.invert_yaxis()
    for axes in weights_figure.axes[-2:]:
        axes.set_xlabel("weight")
picture(weights_figure)

# %% [markdown]
# The pieces of words; a dot stands for the edge of a word:

# %%
pieces = pl.DataFrame(
    [
        {
            "frame": codebook.frame_ids[column],
            "strongest pieces": "  ".join(
                string.replace(" ", "·") for string in strings[strongest(weights, "char")]
            ),
        }
        for column, weights in zip(frame_head.columns, frame_head.weights, strict=True)
    ]
)
pieces

# %% [markdown]
# Where a frame has wording of its own (`liberation`, `capture`, `occupation`, `civilian_harm`), some of it is
# at the top. Beside it stand words that happen to be in the same sentences: function words, dates, spellings
# of a name that one document uses and another does not. For `resistance` and `discrediting` the list is
# little more than the few sentences themselves. A weight is no evidence that a word carries a frame.
#
# ## Sentences that the model got wrong
#
# Every sentence is eight decisions. `given` and `missed` count the wrong ones, with the source left out.

# %%
truth = results.sentences.with_columns(pl.col("frames", "predicted_frames").str.split(";"))
decisions = pl.concat(
    [
        truth.select(
            "id",
            "source",
            "text",
            pl.lit(frame).alias("frame"),
            pl.col("frames").list.contains(frame).alias("labelled"),
            pl.col("predicted_frames").list.contains(frame).alias("predicted"),
            pl.col(f"p_{frame}").alias("p"),
        )
        for frame in codebook.frame_ids
    ]
)
errors = decisions.group_by("frame", maintain_order=True).agg(
    (pl.col("labelled") & pl.col("predicted")).sum().alias("right"),
    (~pl.col("labelled") & pl.col("predicted")).sum().alias("given, but not labelled"),
    (pl.col("labelled") & ~pl.col("predicted")).sum().alias("missed"),
)
errors

# %% [markdown]
# All frames that were given but are not labelled:

# %%
given = decisions.filter(~pl.col("labelled") & pl.col("predicted")).sort("p", descending=True)
given.select("frame", "p", "source", "text")

# %% [markdown]
# Ten of the missed ones, drawn at random. `p` is what the model gave the frame.

# %%
missed = decisions.filter(pl.col("labelled") & ~pl.col("predicted"))
missed.sample(10, seed=config.seed).sort("p", descending=True).select("frame", "p", "source", "text")

# %% [markdown]
# Some of these errors can be argued: the labels come from a language model and are not beyond doubt. Often
# the word that carries the frame is there, and the model leans towards it but stays below 0.5. Elsewhere the
# frame is told in words that the four training documents do not have. A lower threshold would find more, and
# give more wrongly; with five documents there is nothing to choose it on.
#
# ## The lexicon by source
#
# Which terms set a source apart from the other four? This needs no labels and no model. Terms are ranked by
# how far their effect lies above the noise of single words.

# %%
picture(evaluation_figures(results)["lexicon"])

# %% [markdown]
# There are no intervals: what one text repeats is one observation, and with one document a source there is no
# inference at all. So no p is given, and the figure describes these five texts only. Most terms are topic
# (who is quoted, what happened that day), grammar or spelling. A term here is a mark of a document, not of an
# outlet, and not of a side.
#
# ## What the numbers mean
#
# - On a source that it has not read, the model gives three of eight frames, seldom, and is right a little
#   more often than not when it does. The other five it never gives.
# - Its ranking of sentences is better than chance for three frames. So there is a signal in the wording; it
#   is weak.
# - A random split of the same sentences makes the model look better. That is an effect of the split.
#
# ## What they do not mean
#
# - They do not show that frames cannot be learned from text, or that TF-IDF is a poor choice. With a hundred
#   sentences and five documents nothing of the kind can be shown, and no setting should be tuned on them.
# - They do not tell two models apart that differ by a few hundredths. One sentence more or less changes the
#   F1 of a rare frame by more.
# - They have no interval here. The unit of inference is the source, and there are five.
# - They measure agreement with labels made by a language model, not with people.
# - They say nothing about the sources: not about their quality, their honesty or their side.
#
# More sentences of the same five documents would not help much. More sources would: several documents each,
# with labels of which people made at least a part.
