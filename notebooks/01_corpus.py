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
# # The corpus
#
# What is in the five seed documents and in their labels, before anything is learned from them. The
# documents report on the fighting around one city, spelled Kupiansk or Kupyansk, and near it. The unit is
# the sentence. A sentence has any number of eight frames, also none; if it has a frame, it also has one
# voice: asserted, attributed or contested.
#
# The frames describe wording. They do not say whether a sentence is true, and the same words get the same
# label whichever side says them about the other.

# %%
from io import BytesIO

import matplotlib as mpl
import numpy as np
import polars as pl
import yaml
from hydra import compose, initialize_config_dir
from IPython.display import Image
from matplotlib.figure import Figure

from framing.annotation import alpha_table, disagreements, load_passes
from framing.build import build_codebook, build_corpus, build_sentences
from framing.cli import CONFIGS, register_help, typed
from framing.core.command_config import AgreementConfig, Resample
from framing.core.config import PROJECT, register
from framing.data.seeds import KINDS
from framing.pipeline import label_counts
from framing.reporting.figures import COLOURS, STYLE, label_counts_figure

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
# Configuration, codebook and corpus are those of the command `python -m framing.agreement`, which reads the
# same data as `python -m framing.train`.

# %%
register()
register_help("agreement", "")
with initialize_config_dir(str(CONFIGS), version_base="1.3"):
    config = typed(compose("agreement"), AgreementConfig)
codebook = build_codebook(config.codebook)
loaded = build_corpus(config.data, codebook)
corpus = loaded.corpus
sentences = build_sentences(config.data).table.select("id", "article", "source", "kind", "text")

pl.DataFrame(
    [{"frame": frame.id, "definition": frame.definition} for frame in codebook.frames]
    + [{"frame": f"voice: {voice.id}", "definition": voice.definition} for voice in codebook.voices]
)

# %% [markdown]
# ## The documents and their origin
#
# The table holds what each text itself shows. `unknown` means that the text does not say; nothing was
# filled in from elsewhere. One outlet and two authors are named, and one date. A day without a year counts
# as unknown. The files do not say who chose these five documents, or from what.
#
# Two unknown outlets are kept apart because nothing shows them to be one. So every source is one document:
# wherever this project writes *source*, in these data it might as well write *document*, *author* or *day*.

# %%
origins = pl.DataFrame(
    yaml.safe_load((PROJECT / "seeds" / "sources.yaml").read_text(encoding="utf-8"))
).select("article", "source", "outlet", "author", "date")
sizes = sentences.group_by("article").agg(
    pl.len().alias("sentences"),
    (~pl.col("kind").is_in(config.data.exclude_kinds)).sum().alias("used"),
    pl.col("text")
    .filter(~pl.col("kind").is_in(config.data.exclude_kinds))
    .str.count_matches(r"\S+")
    .sum()
    .alias("words used"),
)
documents = origins.join(sizes, on="article", maintain_order="left")
documents

# %% [markdown]
# A source is who published the document, not who speaks. Several of these texts quote at length: one cites
# a news agency and an analyst's channel, others cite spokespersons, ministries and magazines. What is
# counted for a source below includes what it quotes. Voice says in part which is which.
#
# ## Sentences by kind
#
# Two kinds are set aside. **Boilerplate** (author's biography, date line, photo credit, navigation) frames
# nothing, and would tell a model the name of the outlet. A **repeat** (a headline set again as a caption)
# would count one sentence twice, and could stand on both sides of a split. Headlines, captions and the
# teasers of other articles (`related`) are used: a reader meets them too.

# %%
kinds = (
    sentences.group_by("kind", "source")
    .len()
    .sort("source")
    .pivot(on="source", index="kind", values="len")
    .fill_null(0)
    .with_columns(
        pl.sum_horizontal(pl.exclude("kind")).alias("all"),
        pl.when(pl.col("kind").is_in(config.data.exclude_kinds))
        .then(pl.lit("set aside"))
        .otherwise(pl.lit("used"))
        .alias("use"),
    )
    .sort(pl.col("kind").replace_strict({kind: number for number, kind in enumerate(KINDS)}))
)
kinds

# %% [markdown]
# These are the sentences set aside:

# %%
sentences.filter(pl.col("kind").is_in(config.data.exclude_kinds)).select("id", "kind", "text")

# %% [markdown]
# ## Labels by source and frame
#
# The counts are small and uneven. `defensive_justification` stands in one document only, so nobody can
# learn it from the others and recognise it there. `resistance` and `discrediting` have five sentences or
# fewer. Most of `liberation` is in one document.

# %%
counts = label_counts(corpus)
picture(label_counts_figure(counts))

# %%
counts.pivot(on="source", index="frame", values="sentences").with_columns(
    pl.sum_horizontal(pl.exclude("frame")).alias("all")
)

# %% [markdown]
# Which document has more of a frame follows first from what it reports, on which day, and how long it is.
# The table does not rank outlets, and could not.
#
# ## Frames in a sentence
#
# One frame is usual. About a quarter of the sentences have none.

# %%
sources = corpus.sentences["source"]
frames_per_sentence = (
    pl.DataFrame({"frames in the sentence": corpus.frames.sum(axis=1), "source": sources})
    .group_by("frames in the sentence", "source")
    .len()
    .sort("source")
    .pivot(on="source", index="frames in the sentence", values="len")
    .fill_null(0)
    .with_columns(pl.sum_horizontal(pl.exclude("frames in the sentence")).alias("all"))
    .sort("frames in the sentence")
)
frames_per_sentence

# %% [markdown]
# ## Voice
#
# A sentence has one voice for all its frames, judged on its main claim. Here `contested` stands in two
# documents only, and mostly with one frame: for it voice, frame and document cannot be told apart.

# %%
by_voice = np.array(
    [corpus.frames[corpus.voices == code].sum(axis=0) for code in range(len(codebook.voices))]
)
y = np.arange(len(codebook.frames))
with mpl.rc_context(STYLE):
    voice_figure = Figure(figsize=(8, 5))
    axes = voice_figure.subplots()
    left = np.zeros(len(y))
    for voice, number, colour in zip(codebook.voice_ids, by_voice, COLOURS, strict=False):
        axes.barh(y, number, left=left, label=voice, color=colour, height=0.7)
        for place in np.flatnonzero(number):
            ink = "white" if colour == COLOURS[0] else "black"
            axes.text(
                left[place] + number[place] / 2, place, number[place], ha="center", va="center", color=ink
            )
        left += number
    axes.set(title="Sentences by frame and voice", xlabel="sentences", xlim=(0, 1.03 * left.max()))
    axes.set_yticks(y, codebook.frame_ids)
    axes.invert_yaxis()
    axes.legend(frameon=False, loc="lower right")
picture(voice_figure)

# %%
voices_by_source = (
    pl.DataFrame({"voice": corpus.voice_names(), "source": sources})
    .with_columns(pl.col("voice").fill_null("(no frame, so no voice)"))
    .group_by("voice", "source")
    .len()
    .sort("source", "voice")
    .pivot(on="source", index="voice", values="len")
    .fill_null(0)
    .sort("voice")
)
voices_by_source

# %% [markdown]
# ## Frames in one sentence together
#
# Each cell counts the sentences that have both frames. The diagonal, in grey, counts all sentences of the
# frame. `advantage` stands beside other frames often, and it is also the most frequent one. With counts like
# these no test of association is worth making.

# %%
together = corpus.frames.T.astype(int) @ corpus.frames.astype(int)
number = len(codebook.frames)
pairs = np.ma.masked_array(together, mask=~np.tri(number, k=-1, dtype=np.bool_))
totals = np.ma.masked_array(np.ones_like(together), mask=~np.eye(number, dtype=np.bool_))
with mpl.rc_context(STYLE):
    pairs_figure = Figure(figsize=(6.6, 5.6))
    axes = pairs_figure.subplots()
    axes.imshow(pairs, "Blues", vmin=0, vmax=1.5 * pairs.max())
    axes.imshow(totals, "Greys", vmin=0, vmax=6)
    for row, column in zip(*np.tril_indices(number), strict=True):
        axes.text(column, row, together[row, column], ha="center", va="center")
    axes.set_title("Sentences that have both frames")
    axes.set_xticks(range(number), codebook.frame_ids, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(number), codebook.frame_ids)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
picture(pairs_figure)

# %% [markdown]
# ## Sentences of every frame
#
# Drawn at random, at most one from a source and three in all, so that nobody picked them to please. Read
# them against the definitions above: some labels are open to argument, and that is part of the data.

# %%
generator = np.random.default_rng(config.seed)
labelled = corpus.sentences.select("source", "text").with_columns(
    pl.Series("voice", corpus.voice_names(), dtype=pl.String)
)
shuffled = generator.permutation(len(corpus))
examples = pl.concat(
    [
        labelled[shuffled[corpus.frames[shuffled, column]]]
        .unique("source", keep="first", maintain_order=True)
        .head(3)
        .select(pl.lit(frame).alias("frame"), "voice", "source", "text")
        for column, frame in enumerate(codebook.frame_ids)
    ]
)
examples

# %% [markdown]
# ## Agreement of the two labelling passes
#
# **No person labelled these sentences. A language model did, in two passes**, and the few differences were
# then decided one by one. Krippendorff's alpha compares the passes: 1 is perfect agreement, 0 is chance.
# The interval (`low`, `high`) is a bootstrap over sentences; `undefined` is the share of its draws in which
# nobody gave the frame, so that there was nothing to compare. All sentences count, also those set aside
# above. Voice is compared where both passes gave one.

# %%
passes = load_passes(codebook, config.passes, build_sentences(config.data))
alphas = alpha_table(
    passes, by_article=config.resample is Resample.article, draws=config.draws, seed=config.seed
)
alphas

# %%
adjudicated = pl.read_ndjson(config.data.labels).select(
    "id", pl.col("frames").list.join(";").alias("decided"), "reason"
)
differing = disagreements(passes).join(adjudicated, on="id", maintain_order="left")
differing

# %% [markdown]
# These numbers must not be read as agreement between people, which for frames is as a rule much lower:
#
# - Two passes of a model agree far more than two people would. They share their training, their reading of
#   the codebook, and their mistakes. Agreement here means that the labels can be repeated, not that they are
#   right.
# - The codebook and these documents are not independent. Some of its examples are sentences of this corpus,
#   or nearly so. On texts that the codebook has not seen, agreement should be expected to fall.
# - An interval from 1 to 1 is no proof of certainty. A bootstrap cannot draw a disagreement that is not
#   there. For a frame with four or five sentences, one difference would move alpha a long way.
# - The bootstrap draws sentences as if they were independent. They come from five documents.
#
# Before anything is claimed with these labels, two or more trained people should label a sample blind to the
# source, and `python -m framing.agreement` should be run on their files.
#
# ## What cannot be concluded from five documents
#
# - **Nothing about outlets.** With one document a source, the outlet is one and the same thing as the
#   author, the day, the events and the genre. Any difference may be due to any of them.
# - **Nothing about either side of the war.** Nobody drew these texts as a sample of what either side
#   publishes, and four of the five do not say where they appeared.
# - **Nothing about how frequent a frame is** in war reporting. It is not known how the documents were
#   chosen, all are in English, and all are about one stretch of the front.
# - **Nothing about truth or intent.** A frame is a matter of wording. A sentence that attributes or contests
#   a frame has it too; that is why voice is recorded.
# - **Little about any one frame.** Sentences of one document resemble each other, so the information is less
#   than the number of sentences suggests.
#
# What the corpus can do: it shows what the codebook's categories look like in real sentences, and it lets
# the whole procedure run from end to end. `02_baseline` shows how far a simple model gets with it.
