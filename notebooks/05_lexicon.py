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
# # How to read a comparison of words
#
# `python -m framing.lexicon` asks two things of a corpus: which words and pairs of words does one source use
# more than the others, and which of several rival words does each choose for one thing ("liberated" or
# "captured", "Kyiv" or "Kiev"). It trains nothing and needs no labels. This notebook reads its tables one by
# one, three times:
#
# 1. on the five seed documents, where the honest answer is that nothing can be inferred;
# 2. on invented sentences, where there are enough documents and we know who wrote them, and why;
# 3. on the tables that experiment 011 made of 92,624 real headlines. The headlines are not in the repository.

# %%
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from hydra import compose, initialize_config_dir
from IPython.display import Image
from matplotlib.figure import Figure

from framing.cli import CONFIGS, register_help, typed
from framing.core.config import PROJECT, LexiconReportConfig, register
from framing.evaluation.lexicon.tables import Lexicon
from framing.lexicon import plan_of, read_sentences
from framing.reporting.lexicon_figures import alternations_figure, terms_figure
from framing.source_lexicon import LexiconPlan, lexicon_of

pl.Config(
    tbl_rows=40,
    tbl_cols=-1,
    fmt_str_lengths=120,
    tbl_width_chars=200,
    float_precision=3,
    tbl_hide_dataframe_shape=True,
    tbl_hide_column_data_types=True,
)
register()
register_help("lexicon", "")


def report(*chosen: str) -> tuple[Lexicon, LexiconPlan]:
    """Return all tables of a lexicon report, with what was asked: what the command does, without the page."""
    with TemporaryDirectory() as folder, initialize_config_dir(str(CONFIGS), version_base="1.3"):
        composed = compose("lexicon", overrides=["tracking=none", f"output={folder}/report", *chosen])
        config = typed(composed, LexiconReportConfig)
        plan = plan_of(config, composed)
        return lexicon_of(read_sentences(config, plan).sentences, plan.rules, tell=str), plan


def picture(figure: Figure) -> Image:
    """Return a figure as a notebook can show it: without pyplot it has no picture of its own."""
    png = BytesIO()
    figure.savefig(png, format="png", dpi=90)
    return Image(png.getvalue())


# %% [markdown]
# ## 1. Five documents: effects, but no p
#
# Read what the report says before its numbers. Each source has one document here. Every word in it depends on
# the same event, writer and day, so no formula can tell what the source would write elsewhere. The report
# gives effects and leaves standard error, interval, p and q empty.

# %%
seeds, seeds_plan = report("data=seeds", "lexicon.draws=0")
print(*seeds.notices, sep="\n")
seeds.groups.drop("within")

# %%
columns = ["group", "term", "count", "count_other", "log_odds", "p", "inference"]
against_rest = seeds.terms.filter((pl.col("other") == "the rest") & (pl.col("log_odds") > 0))
against_rest.group_by("group", maintain_order=True).head(3).select(columns)

# %% [markdown]
# These words describe five texts. "Source A says X more than source B" would be a claim about sources, and
# nothing here supports it.
#
# ## 2. Invented sentences: what each number means
#
# The contrast corpus tells each of its 776 invented events again and again: as a headline, a communiqué, a
# blog post. Here the *register* takes the place of the source. A document is what one event has in one
# register, and the events are the strata: a headline is compared with other sentences **about the same
# event** only. So a difference cannot come from one register having more events of one kind.
#
# Nothing in this part is about real texts. The words of these registers are what a language model takes for
# the words of headlines and communiqués.
#
# The rival words come from a file of our own, because the towns and armies are invented: the names that the
# project's file looks for do not occur here.

# %%
RIVALS = """
sets:
  taking a place:
    title: Taking a place
    slots: [quoted]
    variants:
      liberate: [liberat(e|es|ed|ing|ion)]
      capture: [captur(e|es|ed|ing)]
      seize: [seiz(e|es|ed|ing|ure)]
      occupy: [occup(y|ies|ied|ying|ation)]
      retake: [retak(e|es|en|ing), retook, recaptur(e|es|ed|ing), reclaim(s|ed|ing|)]
    never: [occup(y|ying|ation|ied) <(force*|troops|soldiers|authorit*)>]
  soldiers:
    title: Words for soldiers
    variants:
      troops: [troops]
      forces: [forces]
      soldiers: [soldier(s|)]
      enemy: [enem(y|ies)]
      occupiers: [occupier(s|), invader(s|)]
      defenders: [defender(s|)]
"""
files = sorted((PROJECT / "seeds" / "contrast").glob("*.jsonl"))
names = ["id", "source", "article", "register", "text"]
sentences = pl.concat(
    [pl.read_ndjson(path, infer_schema_length=None).select(names) for path in files], how="vertical_relaxed"
)
with TemporaryDirectory() as folder:
    sentences.write_parquet(Path(folder) / "contrast.parquet")
    Path(folder, "rivals.yaml").write_text(RIVALS, encoding="utf-8")
    invented, plan = report(
        "data=parquet",
        f"data.path={folder}/contrast.parquet",
        "lexicon.groups=register",
        "lexicon.strata=[article]",
        "lexicon.pairs=false",
        "lexicon.draws=50",
        "lexicon.self_check=true",
        f"lexicon.alternations={folder}/rivals.yaml",
    )
invented.groups.drop("within")

# %% [markdown]
# ### Was the check passed?
#
# The self-check makes comparisons with nothing to find, twenty times: it divides each group at random into
# two halves, and it shuffles the names of the groups among all documents, so that groups keep their sizes.
# About one p in twenty should be below .05 (3 to 6% is accepted in halves, with the interval over the
# repeats; where names are shuffled it may be less, because few terms of a small group can come near .05),
# and nothing should survive the correction for many tests (`discoveries`). If this fails, do not read p
# below. It says nothing about how the documents were chosen.

# %%
invented.self_check.drop("within")

# %% [markdown]
# ### Words, one row at a time

# %%
shown = ["term", "count", "count_other", "documents", "log_odds", "low", "high", "bound", "q"]
communique = invented.terms.filter((pl.col("group") == "communique") & (pl.col("log_odds") > 0))
communique.head(8).select(shown)

# %% [markdown]
# - **`log_odds`**: how much larger the odds of the word are here than in the rest, as a natural logarithm.
#   0.7 is twice, 2.3 is ten times, 0 is no difference. A prior pulls rare words towards 0.
# - **`low`, `high`**: its 95% interval, with documents as the unit. Ten times in one document is weaker
#   evidence than once in each of ten, and the interval is wider.
# - **`bound`**: the end of the interval nearer to 0, and 0 if the interval holds 0. **The list is ordered by
#   it**, so a word stands high if its difference is large *for sure*, not if it is large by a lucky few.
# - **`q`**: among all words with a q at most this, so large a share is expected to be false alarms. With
#   thousands of words, p alone would give hundreds of them.
#
# The next columns say the same in other ways, and sometimes disagree. Each sees something else.

# %%
more = [
    "term",
    "per_10k",
    "per_10k_other",
    "percent_difference",
    "z_words",
    "g2",
    "range",
    "dp",
    "jsd_share",
]
communique.head(8).select(more)

# %% [markdown]
# - **`percent_difference`** (%DIFF): by how many percent the rate here exceeds the rate there. Easy to say,
#   infinite where the other side has none, and without any idea of chance.
# - **`z_words`, `g2`**: the usual tests, z with the prior of its paper (Monroe et al. 2008). They take every
#   word for an independent draw, so they find too much where documents repeat themselves. They are here for
#   comparison with other studies.
# - **`range`**: the share of documents that have the word.
# - **`dp`**: how unevenly it is spread over documents, 0 even to 1 all in one place. Rare words always have a
#   high `dp`. Compare it between words that are about as frequent.
# - **`jsd_share`**: its part in the whole distance between the two sides (Jensen-Shannon divergence). Small
#   words such as "the" can have large parts; that is a finding about style.
#
# A q says that there is a difference, an interval how large it may be. Neither says why. Read the sentences:

# %%
some = invented.concordance.filter(
    (pl.col("group") == "communique") & (pl.col("term") == communique["term"][0])
)
some.select(
    before=pl.col("text").str.slice(0, pl.col("start")).str.tail(45),
    term=pl.col("text").str.slice(pl.col("start"), pl.col("end") - pl.col("start")),
    after=pl.col("text").str.slice(pl.col("end"), 45),
)

# %%
strongest = terms_figure(invented.terms, plan.rules.settings)
picture(strongest)

# %% [markdown]
# ### Rival words
#
# A list of words mixes two things: *what* a text is about and *how* it says it. Rival words come nearer to
# the second: given that a place was taken, was it liberated, captured, seized? Each share is of all choices
# of the group in this set.

# %%
test_columns = ["set", "condition", "choices", "documents", "groups", "groups_tested", "cramers_v", "p", "q"]
invented.alternations.select(test_columns)

# %% [markdown]
# - **`cramers_v`**: how far the choice depends on the group, 0 not at all to 1 wholly. It is corrected for
#   chance, not for what each group writes about.
# - **`p`, `q`**: would groups differ as much if documents were exchanged between them, within the strata? Few
#   documents are exchanged 999 times at random, so p can then not be below .001.
# - **`groups_tested`**: groups with enough choices and documents. V and p are about these alone.

# %%
shares = invented.shares.filter((pl.col("set") == "taking a place") & (pl.col("condition") == "all"))
shares.filter(pl.col("variant") == "liberate").select(
    "group", "count", "choices", "documents", "share", "low", "high", "suppressed"
)

# %% [markdown]
# **`suppressed`**: with fewer than ten choices the share is not given. 1 of 2 is not "50%". Some of these
# groups differ (the test above), but each interval is wide and most overlap: an order of all groups by
# share would mostly be an order of noise.

# %%
rivals = alternations_figure(invented.shares, invented.alternations)
picture(rivals)

# %% [markdown]
# ## 3. Real headlines: experiment 011
#
# Only tables and pictures are here. How they were made, and where the headlines come from, stands in
# `experiments/011-war-headlines/README.md`.
#
# ### First look at who was when

# %%
EXPERIMENT = PROJECT / "experiments" / "011-war-headlines"
tables = {path.stem: pl.read_csv(path) for path in sorted(EXPERIMENT.glob("*.csv"))}
spans = tables["years"].pivot(on="year", index="source", values="headlines", sort_columns=True)
spans.select("source", *[name for name in spans.columns if name == "no date" or "2021" < name < "3"])

# %% [markdown]
# The Ukrainian and Western outlets stand in 2022. TASS and the Ministry of Defence stand in 2025 and 2026. So
# "TASS against Ukrinform" would compare two years of one war as much as two outlets. The table shows what
# happens to the number of words that differ from the rest when only headlines of one year, or one month, are
# compared, and when a whole day of a source counts as one document.

# %%
runs = ["no strata", "within years", "within months", "within months, day as document"]
rest = tables["comparisons"].filter((pl.col("other") == "the rest") & pl.col("run").is_in(runs))
rest.pivot(on="run", index="group", values="significant")

# %%
Image(str(EXPERIMENT / "periods.png"))

# %% [markdown]
# Fewer words does not mean that a source became more alike; there are also fewer documents to compare with.
# Look at *which* words go. These differ "significantly" as long as years are mixed, and no longer when months
# are compared: many are the events of a year, not the words of a source.

# %%
gone = tables["changed_terms"].group_by("group", maintain_order=True).head(5)
gone.group_by("group", maintain_order=True).agg(pl.col("term").str.join(", ").alias("five that go"))

# %% [markdown]
# ### Where there is nothing to find
#
# Headlines of one source, divided at random. If single headlines are divided, all three measures behave: a
# headline hardly repeats a word. If whole days are divided, G2 and Monroe's z call too many words different,
# because one event fills many headlines of a day. Tests over documents hold their level if the day is the
# document. Which unit is right is a decision of the researcher: `data.columns.article` names it.
#
# Below the picture: all false discoveries between halves, added up over sources.

# %%
Image(str(EXPERIMENT / "halves.png"))

# %%
found = (
    tables["halves"]
    .group_by("unit", "measure", maintain_order=True)
    .agg(
        pl.col("share_p05").mean().alias("mean share of p < .05"),
        pl.col("discoveries").sum().alias("false discoveries"),
    )
)
found

# %% [markdown]
# Halves have one size. What if a small source stands beside a large rest? Some headlines of TASS, drawn at
# random, against all its others; and the names of all sources shuffled among all headlines. Again there is
# nothing to find, and this time every term counts, however rare.

# %%
unequal = tables["unequal"].pivot(
    on="measure", index=["division", "source", "headlines", "others"], values="discoveries"
)
unequal

# %% [markdown]
# **Monroe's z as it was published finds hundreds of terms for three sources of 84 to 422 headlines, by chance
# alone**, most of them words that stand there once: its prior for a rare word is far less than one
# occurrence. With a prior of half an occurrence at least, as this project has it, that is gone, but its p is
# then below .05 far too seldom. The p of this project comes from a skewed distribution for such words, and
# finds none. It was not always so: an earlier p failed this very check, which is why the self-check now
# shuffles names as well.
#
# ### Kyiv or Kiev
#
# A spelling is a choice that topic hardly explains. 2022 only, where sources of all sides have headlines.

# %%
Image(str(EXPERIMENT / "places.png"))

# %% [markdown]
# What it shows: in these headlines of 2022 RT, the Russian ministry and Sputnik have the Russian spelling
# of Kyiv, the Ukrainian outlets, Al Jazeera, BBC, MSNBC and Reuters the Ukrainian one, nearly without
# exception. News Front has both, and so have Censor.net and Reuters for Donbas. What it does not show: what
# anybody meant by it. A house style, an agency's copy or a translation gives the same picture. And a
# classifier that sees these names can tell many sources apart without reading the rest of the sentence.
#
# ### What the war is called
#
# Only where Ukraine or a place in it stands near: other wars have names, too.

# %%
Image(str(EXPERIMENT / "war_name.png"))

# %%
topics = tables["war_topics"].group_by("set", "part", "source").agg(pl.exclude("variant").sum())
topics.sort("set", "part", "source")

# %% [markdown]
# Two cautions that the picture alone does not give. There is a wider set, "the war's name", which counts such
# words beside any state or place. It does not know which war is meant: in 2025-26 a quarter to a third of its
# headlines of TASS and RT, and most of Sputnik's, name another war (`names_another`). But only there does one
# see the Ministry of Defence, which seldom names Ukraine beside such a word. And nearly all of the Ministry's
# "special military operation", and all of its "invasion" (a Ukrainian one), are the headings of two daily
# bulletins (`in_a_bulletin`). Each is one decision, printed every day.
#
# ### Who takes a place

# %%
Image(str(EXPERIMENT / "taking.png"))

# %%
taking = tables["shares"].filter(
    (pl.col("set") == "taking a place") & pl.col("condition").is_in(["agent: Russia", "agent: Ukraine"])
)
taking.filter(~pl.col("suppressed") & (pl.col("count") > 0) & (pl.col("run") != "no strata")).select(
    "run", "condition", "group", "variant", "count", "choices", "share", "low", "high"
)

# %% [markdown]
# Without the agent this set would mix "Russia captured" with "Ukraine liberated". With the agent, few
# choices are left: read the brackets. In 2022 the two Ukrainian outlets mostly have "liberate" and "retake"
# where Ukraine takes, and "occupy", "seize", "capture" where Russia does. In 2025-26 the Ministry and TASS
# mostly have "liberate" where Russia takes, and too few choices where Ukraine does. **The two pictures are
# of different years, genres and battles.** They are in keeping with each side calling its own taking a
# liberation. Which side does so more cannot be read from them.
#
# How well were agent and place found? Sixty choices, drawn at random and read by one reader, a language
# model, with the answer of the patterns in sight. More than half of them are plain sentences from a Russian
# ministry and agencies; and what the patterns did not find is not in the sample.

# %%
tables["precision"]

# %% [markdown]
# ## What must not be concluded
#
# - **Nothing about which outlet is better, truer or fairer.** Sources stand in alphabetical order.
# - **Nothing about a whole outlet.** These are headlines that others collected for other purposes, by rules
#   that we do not know.
# - **Nothing about change over time**: nobody says that headlines were collected alike in all years.
# - **Nothing about intentions or effects.** Words differ because topics, genres, translators, agencies and
#   speakers in quotations differ. Patterns do not see who speaks.
# - **Nothing from a suppressed share, and little from a wide interval.**
