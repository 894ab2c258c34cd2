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
# # How to read the report of a run
#
# `python -m framing.train` ends with a page, `report.html`, and the same tables as CSV. This notebook walks
# through that page, table by table, with a small run: what each part asks, what an answer would look like
# that shows the classifier to be worthless, and what must not be read into it.
#
# The run is the default one without character n-grams (`experiment=words_only`), because that is quick. It
# learns from the contrast corpus and scores the five seed documents, each left out in turn.

# %%
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from hydra import compose, initialize_config_dir
from IPython.display import Image
from IPython.utils.capture import capture_output
from matplotlib.figure import Figure

from framing.build import build_codebook, build_corpus, build_tracker
from framing.build_examination import build_examination
from framing.build_lexicon import build_rules
from framing.build_model import build_baseline, build_model
from framing.build_split import build_near_duplicate_rule, build_split
from framing.cli import CONFIGS, register_help, typed
from framing.core.config import TrainConfig, register
from framing.core.data_config import OnRowError, OnSingleSource
from framing.pipeline import TrainingPlan, train
from framing.reporting.evaluation_figures import evaluation_figures
from framing.reporting.verdict import verdict_parts
from framing.tracking.tracker import RunDescription

pl.Config(
    tbl_rows=40,
    tbl_cols=-1,
    fmt_str_lengths=300,
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
register_help("train", "")
CHOSEN = [
    "experiment=words_only",
    "tracking=none",
    "evaluation.splits=[random]",
    "evaluation.shares=[0.05,0.1,0.2,0.4]",
]
with initialize_config_dir(str(CONFIGS), version_base="1.3"):
    config = typed(compose("train", overrides=CHOSEN), TrainConfig)
codebook = build_codebook(config.codebook)
loaded = build_corpus(config.data, codebook)
models = {config.model.name: build_model(config.model)}
models |= {baseline.value: build_baseline(baseline) for baseline in config.baselines}
with TemporaryDirectory() as folder, capture_output():
    plan = TrainingPlan(
        run=RunDescription(config.name, {}),
        folder=Path(folder),
        split=build_split(config.split, config.seed),
        split_name=config.split.name,
        near_duplicates=build_near_duplicate_rule(
            config.near_duplicates, config.similarity, config.spellings
        ),
        models=models,
        threshold=config.threshold,
        inner=None,
        unfinished=Path(folder) / "unfinished",
        resume=False,
        helping=False,
        examination=build_examination(config.evaluation, config.model, config.seed),
        label_origin=config.data.label_origin,
        lexicon=build_rules(config.lexicon),
        quarantine=config.data.on_error is OnRowError.quarantine,
        keep_single_source_frames=config.data.single_source_frames is OnSingleSource.keep,
    )
    evaluated = train(plan, loaded, build_tracker(config.tracking))
    page_size = (Path(folder) / "report.html").stat().st_size
found = evaluated.findings
figures = evaluation_figures(evaluated)

# %% [markdown]
# ## The verdict
#
# The page begins with sentences that are made from the tables by rules (`framing/reporting/verdict.py`). They
# say no more than the tables do. A difference is called one only if its 95% interval leaves out 0.

# %%
for heading, sentences in verdict_parts(evaluated).items():
    print(heading, *[f"  {sentence}" for sentence in sentences], sep="\n")

# %% [markdown]
# ## What must be known first
#
# Notices come before numbers: what was left out, what is too small to tell, which check could not be made.
# The two that matter most here are about intervals. There are five articles, one a source. Five are too few
# to draw articles from, so the intervals draw single sentences. They are too narrow for any other article.

# %%
print(*evaluated.all_notices(), sep="\n")

# %% [markdown]
# ## All models on the same sentences
#
# Look at the rows below the first before the first. `majority` and `source_only` read no text. `dictionary`
# is a list of patterns that nobody trained. **A trained model that is not above the dictionary has no reason
# to exist on these data**, whatever its own score.

# %%
found.models

# %%
intervals_figure = figures["intervals"]
picture(intervals_figure)

# %% [markdown]
# `comparisons` puts the first model beside each other on the very same sentences: the difference of macro F1,
# its interval, and how large a difference would have to be to be found four times in five (`detectable`). If
# a difference is smaller than that, "no difference was shown" is all that can be said.

# %%
found.comparisons

# %% [markdown]
# ## By frame
#
# Support first. With fewer than about 20 sentences one sentence more or less moves F1 by several hundredths,
# and with fewer than ten groups there is no interval.

# %%
found.frames

# %% [markdown]
# ## Where it fails
#
# What was missed, and what was given in the same sentence without being labelled there. "(nothing wrong)":
# the frame was missed and no wrong one was given. "(nothing missed)": a frame too many, beside all labelled.

# %%
found.frame_confusion.sort("sentences", "frame", "taken_for", descending=[True, False, False]).head(10)

# %%
found.slices.filter(pl.col("by") == "words")

# %% [markdown]
# Parts are there to find where the model fails. They do not rank sources: every source has its own sentences.
#
# ## Use and mention
#
# Reporting that somebody speaks of a liberation is not calling it one. The codebook gives such a sentence the
# frame and a voice: attributed or contested. `taken_for_use` counts where the model saw the frame and took it
# for the writer's own. A study that counts frames without voice makes this mistake in all of these sentences.

# %%
mentions = found.mentions.filter(pl.col("frame") == "all frames")
mentions.select("voice", "with_frame", "recall", "false_alarm_share", "taken_for_use", "taken_for_use_share")

# %% [markdown]
# ## Probes: what could explain the score without framing
#
# Each probe has a value and a reference to compare it with. If the source can be told from the words, a model
# may recognise the source; if frames are told apart within sources nearly as well as over all, it does not
# live by that. If masking names changes little, it does not live by names.

# %%
found.probes

# %% [markdown]
# The same model under another split. `gap` is what that split would claim beyond the run's own.

# %%
found.splits

# %% [markdown]
# ## Invariance and direction
#
# The sides exchanged, towns exchanged, names spelled otherwise: nothing should change. "Liberated" made
# "captured", or a claim put into somebody's mouth: the prediction should follow, as the codebook says. A
# direction test counts only where the model had the original right, so some count few sentences, and have no
# interval.

# %%
found.perturbations.select("perturbation", "kind", "sentences", "as_expected", "share", "low", "high")

# %% [markdown]
# One failure of each, to read:

# %%
failures = found.perturbed.filter(~pl.col("as_expected").fill_null(value=True))
failures.unique("perturbation", keep="first", maintain_order=True).select(
    "perturbation", "before", "after", "frames_before", "frames_after", "voice_before", "voice_after"
)

# %% [markdown]
# ## Calibration
#
# Among the decisions to which the model gives 70%, are 70% right? The diagonal is where they would be.
# Scaling is fitted on the other folds only.

# %%
picture(figures["reliability"])

# %%
found.calibration.filter(pl.col("by") == "all")

# %% [markdown]
# Risk against coverage: if only the surest sentences are decided on, how many of those are wrong? A line that
# does not fall to the left says that being sure means nothing.

# %%
picture(figures["risk_coverage"])

# %% [markdown]
# ## How many labels are enough?
#
# Macro F1 after learning from shares of the corpus, in whole contrast sets. If the curve still rises at its
# end, more labels of the same kind would help; the extrapolation says by how much, and is left out where a
# curve of this form cannot be fitted.

# %%
picture(figures["learning_curve"])

# %% [markdown]
# ## Why: the words behind a prediction
#
# For a linear model the contribution of a word is exact: the logit is the bias and the sum of all
# contributions. They say how this model comes to its answer. They do not say that the word carries the frame.

# %%
one = found.completeness.sort("logit", descending=True).row(0, named=True)
text = evaluated.sentences.filter(pl.col("id") == one["id"])["text"].item()
words = found.contributions.filter((pl.col("id") == one["id"]) & (pl.col("frame") == one["frame"]))
why = words.with_columns(
    pl.struct("start", "end")
    .map_elements(lambda at: text[at["start"] : at["end"]], return_dtype=pl.String)
    .alias("word")
)
print(f"{one['frame']}: {text}")
why.sort(pl.col("contribution").abs(), descending=True).select("word", "contribution").head(8)

# %%
total = one["base"] + words["contribution"].sum()
print(f"logit {one['logit']:.4f}; base and contributions together {total:.4f}")

# %% [markdown]
# ## Labels that may be wrong
#
# Where out-of-fold predictions contradict a label strongly, the label may be wrong; or the model. Read the
# sentence.

# %%
found.label_issues.head(5).join(evaluated.sentences.select("id", "text"), on="id").select(
    "frame", "labelled", "probability", "text"
)

# %% [markdown]
# ## Prevalence by source
#
# The share of sentences with a frame, counted by a model that errs, is wrong by what it errs. `corrected`
# undoes that with the error rates on the other sources. With five documents its interval is wide or missing.
# It describes sentences of these documents; it does not rank anybody.

# %%
found.prevalence.filter(pl.col("frame") == "capture")

# %% [markdown]
# ## What the report does not tell
#
# - Whether the labels are right. Here a language model made them; the model is judged by how well it agrees.
# - Whether the result holds for other wars, languages or years.
# - Anything about what writers intend or readers make of a sentence.
# - Anything about sources in general: there are five documents.
