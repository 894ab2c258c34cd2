"""What a lexicon report says in plain sentences, each made by rule from its tables."""

from collections.abc import Sequence

import polars as pl

from framing.evaluation.lexicon.comparison import PAIRED
from framing.evaluation.lexicon.self_check import HALVES
from framing.evaluation.lexicon.settings import LexiconSettings
from framing.evaluation.lexicon.tables import THE_REST, TOO_FEW, Lexicon, no_stratum_in_common
from framing.reporting.cells import known
from framing.reporting.lexicon_data import short_name

NAMED = 16
"""Groups named in one sentence; the tables name all."""


def summary_parts(lexicon: Lexicon, settings: LexiconSettings) -> dict[str, list[str]]:
    """Return the sentences of the summary by heading; groups stand in alphabetical order."""
    parts = {
        "What was compared": _compared(lexicon, settings),
        "Terms": _terms(lexicon, settings),
        "Rival words": _rivals(lexicon, settings),
        "What was taken out first": _noise(lexicon),
        "Check on data without a difference": _checked(lexicon),
    }
    return {heading: lines for heading, lines in parts.items() if lines}


def _compared(lexicon: Lexicon, settings: LexiconSettings) -> list[str]:
    table = lexicon.groups
    if not table.height:
        return ["There is no group that could be compared."]
    # The whole corpus if it is there; otherwise the parts, in which a document may stand more than once.
    whole = table.filter(pl.col("within") == "")
    counted = whole if whole.height else table
    documents, sentences, words = (_total(counted, name) for name in ("documents", "sentences", "words"))
    names = counted.sort("group")["group"].unique(maintain_order=True).to_list()
    sizes = sorted(counted["documents"].to_list())
    lines = [
        f"{len(names):,} groups, formed by {settings.groups} ({_listed(names)}): {documents:,} documents, "
        f"{sentences:,} sentences, {words:,} words. A document is the sentences of one article in "
        f"one group{' and stratum' if settings.strata else ''}.",
        f"{_sides(lexicon.comparisons, settings)}A group has {sizes[0]:,} to {sizes[-1]:,} documents.",
    ]
    parts = table["within"].n_unique()
    if settings.within and parts > 1:
        lines.append(f"There is a lexicon of its own for each of {parts:,} values of {settings.within}.")
    if settings.strata:
        left = _total(lexicon.comparisons, "documents_left_out")
        lines.append(
            f"Only documents alike in {' and '.join(settings.strata)} are compared; {left:,} documents were "
            "left out, counted once a comparison, because the other side had none like them."
        )
    return lines


def _sides(comparisons: pl.DataFrame, settings: LexiconSettings) -> str:
    """Return which sides were compared, as the table says: two groups have no rest, many have no pairs."""
    if not comparisons.height:
        return ""
    kinds = comparisons.group_by("within").agg(
        rest=(pl.col("other") == THE_REST).any(), pairs=(pl.col("other") != THE_REST).any()
    )
    rest, pairs = kinds["rest"].any(), kinds["pairs"].any()
    if not rest:
        return "The two groups are compared with each other. "
    told = f"Each is compared with {THE_REST}"
    told += ", and every two with each other. " if pairs else ". "
    if settings.pairs and not kinds["pairs"].all():
        told += f"With more than {PAIRED} groups their pairs are not compared. "
    if not kinds["rest"].all():
        told += "Where there are two groups only, they are compared with each other alone. "
    return told


def _terms(lexicon: Lexicon, settings: LexiconSettings) -> list[str]:
    table = lexicon.comparisons
    if not table.height:
        return []
    lines = []
    part = table["within"].min()
    tested = _rest(table.filter(pl.col("inference") != TOO_FEW)).filter(
        pl.col("within") == table["within"].min()
    )
    if tested.height:
        found = [
            f"{_pair(row)} {row['significant'] or 0:,} of {row['tested']:,}"
            for row in tested.sort("group", "other").head(NAMED).iter_rows(named=True)
        ]
        where = f" in {short_name(str(part))}" if part else ""
        lines.append(
            f"Terms that differ at q ≤ {settings.level:g}{where}: {'; '.join(found)}"
            f"{_more(tested.height)}. More terms are found where there are more documents: these numbers do "
            "not compare the groups."
        )
    return [*lines, *_without_inference(table, settings)]


def _without_inference(table: pl.DataFrame, settings: LexiconSettings) -> list[str]:
    """Return which comparisons have no p: two sides without a stratum in common, and those with too few."""
    apart = table.filter(no_stratum_in_common())
    lines = []
    if apart.height:
        pairs = [_pair(row) for row in apart.sort("group", "other").iter_rows(named=True)]
        lines.append(
            f"{apart.height:,} of {table.height:,} comparisons have no {' and '.join(settings.strata)} in "
            f"common, so nothing can be compared: {_listed(list(dict.fromkeys(pairs)))}."
        )
    few = table.filter((pl.col("inference") == TOO_FEW) & ~no_stratum_in_common())
    if few.height:
        concerned = _rest(few).sort("group")["group"].unique(maintain_order=True).to_list()
        lines.append(
            f"Fewer than {settings.min_documents} documents on a side in {few.height:,} of {table.height:,} "
            f"comparisons, those of {_listed(concerned)}: too few for inference. They show effects that "
            "describe these texts only, without interval, p or q."
        )
    return lines


def _rest(table: pl.DataFrame) -> pl.DataFrame:
    """Return the comparisons with the rest, all if there are none."""
    rest = table.filter(pl.col("other") == THE_REST)
    return rest if rest.height else table


def _pair(row: dict[str, str]) -> str:
    name = short_name(row["group"])
    return name if row["other"] == THE_REST else f"{name} and {short_name(row['other'])}"


def _rivals(lexicon: Lexicon, settings: LexiconSettings) -> list[str]:
    table = lexicon.alternations
    if not table.height:
        return []
    every = table.filter(pl.col("condition") == "all")
    tested = every.filter(pl.col("q").is_not_null())
    differ = tested.filter(pl.col("q") <= settings.level)["title"].unique(maintain_order=True).to_list()
    lines = [
        f"{every.height:,} sets of rival words for one thing, with {_total(every, 'choices'):,} choices."
    ]
    if tested.height:
        lines.append(
            f"In {len(differ)} of {tested.height} the groups choose differently at q ≤ {settings.level:g}"
            f"{': ' + _listed(differ) if differ else ''}."
        )
    if tested.height < every.height:
        lines.append(f"{every.height - tested.height} could not be tested: {_why_not(settings)}.")
    if lexicon.shares.height and (hidden := lexicon.shares.filter("suppressed")).height:
        number = hidden.select("within", "set", "condition", "group").n_unique()
        lines.append(f"{number:,} shares are not shown: fewer than {settings.min_choices} choices.")
    return lines


def _why_not(settings: LexiconSettings) -> str:
    return "too few documents or choices" + (
        f", or no {' and '.join(settings.strata)} in which two groups choose" if settings.strata else ""
    )


def _noise(lexicon: Lexicon) -> list[str]:
    table = lexicon.noise
    if not table.height:
        return []
    lines = []
    for removed, words in ((True, "Taken out"), (False, "Only listed, not taken out")):
        part = table.filter(pl.col("removed") == removed)
        kinds = part.group_by("kind").agg(pl.len().alias("texts"), pl.sum("sentences")).sort("kind")
        found = [
            f"{kind}: {texts:,} in {sentences:,} sentences" for kind, texts, sentences in kinds.iter_rows()
        ]
        if found:
            lines.append(f"{words}: {'; '.join(found)}.")
    return lines


def _checked(lexicon: Lexicon) -> list[str]:
    table = lexicon.self_check
    if not table.height:
        return []
    right = table.filter("as_expected").height
    halves = table.filter(pl.col("division") == HALVES)
    shares = [share for each in halves["share_p05"] if (share := known(each)) is not None]
    lines = [
        "Documents were divided at random (groups in halves, if they are large enough; the names of groups "
        f"shuffled), so that there is nothing to find: {right} of {table.height} checks are as expected."
    ]
    if shares:
        mean = sum(shares) / len(shares)
        lines.append(
            f"In halves {mean:.1%} of the terms in 20 or more documents have p below .05 (by chance 5%)."
        )
    return lines


def _total(table: pl.DataFrame, column: str) -> int:
    return int(table[column].sum()) if table.height else 0


def _more(number: int) -> str:
    return f"; and {number - NAMED:,} more in the tables" if number > NAMED else ""


def _listed(names: Sequence[str]) -> str:
    """Return names as text, the first of many.

    >>> _listed(["a", "b"])
    'a, b'
    """
    return ", ".join(short_name(name) for name in names[:NAMED]) + _more(len(names))
