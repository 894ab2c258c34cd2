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
# # What is learned from
#
# The default data are the seeds, which are scored, and the contrast corpus, which is only learned from.
# `01_corpus` describes the seeds. This notebook shows both together as `python -m framing.data_report`
# counts and checks them. The contrast corpus was written for this project: how often something occurs in it
# was decided, not observed. What matters here is whether a model could learn something else than the
# frames from it: a phrase, a voice, a register, a side.

# %%
from io import BytesIO

import matplotlib as mpl
import numpy as np
import polars as pl
from hydra import compose, initialize_config_dir
from IPython.display import Image
from matplotlib.figure import Figure

from framing.build import build_codebook, build_corpus, build_further_columns
from framing.cli import CONFIGS, register_help, typed
from framing.core.command_config import DataReportConfig
from framing.core.config import register
from framing.corpus_report import FURTHER, material_of
from framing.data_report import report_of
from framing.evaluation.duplicates import near_duplicates
from framing.evaluation.sides import opponents
from framing.reporting.figures import COLOURS, STYLE, frame_voices_figure

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


# %%
register()
register_help("data_report", "")
with initialize_config_dir(str(CONFIGS), version_base="1.3"):
    config = typed(compose("data_report"), DataReportConfig)
codebook = build_codebook(config.codebook)
report = report_of(config, codebook)
material = material_of(build_corpus(config.data, codebook), build_further_columns(config.data, FURTHER))
corpus, further = material.corpus, material.further

# %% [markdown]
# ## The checks
#
# Each has a limit in `configs/data_report.yaml`. Green means that the corpus keeps to it, not that it is
# good: a model wrote it, and these checks see what can be counted.

# %%
checks = pl.DataFrame(
    [
        {
            "": {True: "green", False: "RED", None: "skipped"}[check.passed],
            "check": check.name,
            "found": check.found,
            "limit": check.limit,
        }
        for check in report.checks
    ]
)
checks

# %% [markdown]
# ## Frames and voices
#
# If a frame stood in one voice only, a model could take the voice for the frame.

# %%
picture(frame_voices_figure(report.frame_voices))

# %%
report.counts["frame"]

# %%
report.counts["voice"]

# %%
report.counts["number of frames"]

# %% [markdown]
# ## Frames and registers
#
# The share of a register's sentences that have the frame. A row or column of one colour would be a frame that
# a register gives away: half of the blog sentences written first are `discrediting`. The seeds have no
# register and are not in this picture.

# %%
registers = [value for value in report.counts["register"]["register"] if value != "(none)"]
of_register = [(further["register"] == register).fill_null(False).to_numpy() for register in registers]
shares = np.array([corpus.frames[rows].mean(axis=0) for rows in of_register])
slanted = {"rotation": 30, "ha": "right", "rotation_mode": "anchor"}
with mpl.rc_context(STYLE):
    register_figure = Figure(figsize=(8, 0.4 * len(registers) + 2))
    axes = register_figure.subplots()
    axes.imshow(shares, "Blues", vmin=0, vmax=1.5 * shares.max(), aspect="auto")
    for row, column in np.ndindex(shares.shape):
        axes.text(column, row, f"{shares[row, column]:.0%}", ha="center", va="center")
    axes.set_title("Share of each register's sentences that have the frame")
    axes.set_xticks(range(len(codebook.frames)), codebook.frame_ids, **slanted)
    axes.set_yticks(range(len(registers)), registers)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
picture(register_figure)

# %% [markdown]
# ## Borderline cases
#
# For every borderline rule of the codebook there are sentences on either side of the line: `+` has the label
# that the rule is about, `-` looks like it and has not. Without the other side, a model would learn the word.

# %%
cases = further["case"].drop_nulls()
names = sorted({case.rstrip("+-") for case in cases})
sides = {side: np.array([(cases == name + side).sum() for name in names]) for side in "+-"}
with mpl.rc_context(STYLE):
    case_figure = Figure(figsize=(8, 0.25 * len(names) + 1.2))
    axes = case_figure.subplots()
    y = np.arange(len(names))
    axes.hlines(y, sides["-"], sides["+"], "#9aa5ad")
    for side, colour in zip("+-", COLOURS, strict=False):
        axes.scatter(sides[side], y, color=colour, label=f"{side} side", zorder=3)
    axes.axvline(config.limits.case_side, color="#444444", linewidth=0.8, linestyle="--")
    axes.set(title="Sentences on either side (dashed: the limit)", xlabel="sentences")
    axes.set_yticks(y, names)
    axes.set_xlim(left=0)
    axes.invert_yaxis()
    axes.legend(frameon=False, loc="lower left")
picture(case_figure)

# %% [markdown]
# ## Both sides of every war
#
# Two actors are the sides of a war if each meets the other in more sets than anybody else; nobody lists them.
# What the first side of each war does in the alphabet is compared with what the second does. If "liberation"
# were always the same side's, the name would be enough.

# %%
acts = further["actor"].is_not_null().to_numpy()
actors = further["actor"].drop_nulls().to_numpy()
wars = opponents(actors.tolist(), corpus.sentences["article"].to_numpy()[acts].tolist())
done = np.array([[corpus.frames[acts][actors == side].sum(axis=0) for side in war] for war in wars])
with mpl.rc_context(STYLE):
    war_figure = Figure(figsize=(8, 0.35 * len(wars) + 1.5))
    axes = war_figure.subplots()
    share = done[:, 0] / np.maximum(1, done.sum(axis=1))
    axes.imshow(share, "PuOr", vmin=0, vmax=1, aspect="auto")
    for row, column in np.ndindex(share.shape):
        one, other = done[row, :, column]
        axes.text(column, row, f"{one}:{other}", ha="center", va="center", fontsize=8)
    axes.set_title("Sentences of the first and the second side (white: even)")
    axes.set_xticks(range(len(codebook.frames)), codebook.frame_ids, **slanted)
    axes.set_yticks(range(len(wars)), [" : ".join(war) for war in wars])
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
picture(war_figure)

# %% [markdown]
# ## How alike two sentences can be
#
# Similarity is the share of five-character runs that two sentences have in common (Jaccard). Above the limit
# there is nothing; the pairs nearest to it show what is still allowed.

# %%
close = near_duplicates(corpus.sentences["text"].to_list(), characters=5, threshold=0.3).pairs
texts = corpus.sentences["text"]
nearest = close.head(5).with_columns(
    texts.gather(close[place].head(5)).alias(place) for place in ("first", "second")
)
nearest

# %% [markdown]
# ## What the report cannot say
#
# - Whether the labels are right. The second labels in `seeds/contrast/labels/` speak to that, and they are a
#   model's too.
# - Whether the sentences resemble real ones. Only a model that learns from them and is scored on real
#   sentences can show it (`make train`).
# - Whether two sentences say the same in other words. Near-duplicates are found by their letters.
