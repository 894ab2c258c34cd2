"""Lead-ins and tails of sentences that a source repeats: datelines, "| Agency", "Read more", "(VIDEO)".

Only what a sign sets off is considered: a lead-in ends with a dash between spaces, a bar, a dot in the
middle or a bracket; a tail begins with a bar or dot, stands in brackets, or follows the end of a sentence. So
"The ministry said" is never cut, however often sentences begin with it. Neither is what stands before a colon
or after a dash, as often a speaker, who matters, as a series or an agency. A run is cut where it stands in
enough documents of the source and in a large enough share of them. Runs are compared in lower case, with
numbers and months made one sign; of a lead-in that ends with brackets, such as "TOWN, March 3 (Agency) -",
the bracket alone is looked at too, so that town and day may change.
"""

from collections.abc import Sequence

import polars as pl

LEAD_IN, TAIL = "lead-in", "tail"

LONGEST = 60
"""Characters from the beginning or the end of a sentence in which a run is looked for."""

_LEAD = r"^(.*?(?:\s[-–—]\s|\s?[|•·»›]\s?|[)/\]]\s?[-–—.:]\s))"
_TAIL = r"^.*(\s?[|•·›]\s?.+|\s[(\[][^()\[\]]{1,40}[)\]]\.?)$"
_AFTER_END = r"^.*[.!?…][\"'”’»)]*(\s\S.*)$"
_BRACKET = r"([(/\[][^()/\[\]]{2,40}[)/\]]\s?[-–—.:]?\s*)$"
_SIGN = r"\s[-–—]\s|[|•·»›)\]/]|[.!?…][\"'”’»)]*\s"
"""What every lead-in and tail has; a sentence without it is not looked at further."""

_MONTH = (
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?"
)


def edge_counts(part: pl.DataFrame) -> pl.DataFrame:
    """Count by source how many documents have each lead-in and tail.

    Args:
        part: sentences with `text`, `source` and `article`. All sentences of an article are in one part.

    Returns:
        `source`, `side`, `run` and `documents`. The row with an empty side and run counts all documents of
        the source. Tables of several parts may be added up.
    """
    rows = _selected(_signed(part), "source", "article", *_runs())
    runs = [
        rows.select("source", "article", side=pl.lit(side), run=column).drop_nulls()
        for side, column in ((LEAD_IN, "lead"), (LEAD_IN, "bracket"), (TAIL, "tail"))
    ]
    everything = part.select("source", "article", side=pl.lit(""), run=pl.lit("")).unique()
    found = pl.concat([everything, *runs]).unique()
    return found.group_by("source", "side", "run").agg(pl.len().alias("documents"))


def find_edges(counts: Sequence[pl.DataFrame], *, documents: int, share: float) -> pl.DataFrame:
    """Return which runs are cut: `source`, `side`, `run`.

    Args:
        counts: of `edge_counts`, one table a part.
        documents: of the source, at least, that have the run.
        share: of the documents of the source, at least, that have the run; 0 to 1.
    """
    total = pl.concat(counts).group_by("source", "side", "run").agg(pl.col("documents").sum())
    every = total.filter(pl.col("side") == "").select("source", every="documents")
    runs = total.filter(pl.col("side") != "").join(every, on="source")
    enough = (pl.col("documents") >= documents) & (pl.col("documents") >= share * pl.col("every"))
    return runs.filter(enough).select("source", "side", "run").sort("source", "side", "run")


def cut_edges(part: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """Return what is cut off each sentence.

    Args:
        part: n sentences with `text` and `source`.
        edges: of `find_edges`.

    Returns:
        n rows in the same order: `lead` and `tail` (the run that is cut, null where none is), `start` and
        `length` (the characters that stay; null where nothing is cut).
    """
    rows = part.select("text", "source").with_row_index("row")
    some = _signed(rows.filter(pl.col("source").is_in(edges["source"].unique().implode())))
    some = _selected(some, "row", "source", "text", *_runs(), raw_lead=_lead(), raw_tail=_tail())
    leads, tails = (
        edges.filter(pl.col("side") == side).select("source", "run", cut="run") for side in (LEAD_IN, TAIL)
    )
    for column, known in (("lead", leads), ("bracket", leads), ("tail", tails)):
        some = some.join(known, left_on=["source", column], right_on=["source", "run"], how="left")
        some = some.drop(column).rename({"cut": column})
    some = some.with_columns(lead=pl.coalesce("lead", "bracket")).filter(
        pl.col("lead").is_not_null() | pl.col("tail").is_not_null()
    )
    return rows.select("row").join(_measured(some), on="row", how="left", maintain_order="left").drop("row")


def _measured(some: pl.DataFrame) -> pl.DataFrame:
    """Return `row`, `lead`, `tail`, `start` and `length` of sentences of which something is cut."""
    stripped = pl.col("text").str.strip_chars()
    margin = (pl.col("text").str.len_chars() - pl.col("text").str.strip_chars_start().str.len_chars()).cast(
        pl.Int64
    )
    size, lead, tail = (
        each.str.len_chars().cast(pl.Int64) for each in (stripped, pl.col("raw_lead"), pl.col("raw_tail"))
    )
    before = pl.when(pl.col("lead").is_not_null()).then(lead).otherwise(0)
    # In "A | B" the bar is the end of a lead-in and the beginning of a tail; the lead-in goes first.
    left = pl.col("tail").is_not_null() & (before + tail <= size)
    after = pl.when(left).then(tail).otherwise(0)
    cut = some.select(
        "row",
        "lead",
        pl.when(left).then("tail").alias("tail"),
        start=margin + before,
        length=size - before - after,
    )
    return cut.filter(pl.col("lead").is_not_null() | pl.col("tail").is_not_null())


def remaining(part: pl.DataFrame, cut: pl.DataFrame) -> pl.Series:
    """Return the texts of the part without what `cut`, of `cut_edges`, says."""
    rows = pl.concat([part.select("text"), cut.select("start", "length")], how="horizontal")
    shorter = pl.col("text").str.slice(pl.col("start"), pl.col("length")).str.strip_chars()
    if cut["start"].null_count() == len(cut):
        return rows["text"]
    return rows.select(pl.when(pl.col("start").is_null()).then("text").otherwise(shorter)).to_series()


def _signed(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the sentences that may have a lead-in or a tail."""
    return rows.filter(pl.col("text").str.contains(_SIGN))


def _selected(rows: pl.DataFrame, *columns: pl.Expr | str, **named: pl.Expr) -> pl.DataFrame:
    # The streaming engine divides the rows among the cores, in order.
    return rows.lazy().select(*columns, **named).collect(engine="streaming")


def _runs() -> list[pl.Expr]:
    """Return the columns `lead`, `bracket` and `tail` as they are compared."""
    bracket = _lead().str.extract(_BRACKET)
    return [_plain(_lead()).alias("lead"), _plain(bracket).alias("bracket"), _plain(_tail()).alias("tail")]


def _lead() -> pl.Expr:
    return pl.col("text").str.strip_chars().str.slice(0, LONGEST).str.extract(_LEAD)


def _tail() -> pl.Expr:
    end = pl.col("text").str.strip_chars().str.slice(-LONGEST)
    return pl.coalesce(end.str.extract(_TAIL), end.str.extract(_AFTER_END))


def _plain(run: pl.Expr) -> pl.Expr:
    lower = run.str.to_lowercase().str.replace_all(_MONTH, "0").str.replace_all(r"\p{N}+", "0")
    return lower.str.replace_all(r"[–—]", "-").str.replace_all(r"\s+", " ").str.strip_chars()
