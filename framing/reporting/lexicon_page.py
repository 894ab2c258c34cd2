"""The report of a lexicon: one self-contained HTML page to explore how groups differ in their words."""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl
from markupsafe import Markup
from matplotlib.figure import Figure

from framing.evaluation.lexicon.settings import LexiconSettings
from framing.evaluation.lexicon.tables import THE_REST, Lexicon
from framing.reporting import sections
from framing.reporting.lexicon_data import FILES, NAME, lexicon_data, short_name
from framing.reporting.lexicon_summary import summary_parts
from framing.reporting.page import data_uri, environment
from framing.reporting.sections import Block, cut, with_interval

ROWS = 40
"""Rows of a table that stands on the page without JavaScript."""

GROUPS = 16
"""Groups whose terms stand there."""

NOTICES, NOTICE = 25, 400
"""Notices on the page, and characters of one."""

SENTENCE = 160
"""Characters of a sentence in a table."""

PICTURES = 480_000
"""Bytes of all figures on the page."""

HEADINGS = {
    "count": "occurrences", "count_other": "occurrences, other", "documents_other": "documents, other",
    "words_other": "words, other", "per_10k": "per 10,000", "per_10k_other": "per 10,000, other",
    "log_odds": "log-odds", "jsd": "JSD", "share_p05": "share of p < .05", "tested": "terms tested",
    "discoveries": "terms with q ≤ .05", "removed": "taken out", "suppressed": "too few choices",
}  # fmt: skip
"""Headings of columns that are more than the column's name."""

ALTERNATIVES = {
    "terms": "The strongest terms of every group, with 95% intervals",
    "alternations": "The shares of rival words in every group, with 95% intervals",
    "divergence": "Jensen-Shannon divergence of every two groups",
}
"""What a figure shows, for those who do not see it."""


def lexicon_page(
    lexicon: Lexicon, settings: LexiconSettings, title: str, figures: Mapping[str, Figure] | None = None
) -> str:
    """Return the page: no network, nothing from elsewhere, under 2 MB whatever the tables hold.

    All text is escaped. What does not fit is left out, and the page says what and where it stands.

    Args:
        lexicon: the tables; one without rows has no section.
        settings: how they were made.
        title: of the page.
        figures: by name, as `lexicon_figures` makes them; one that is missing is left out.
    """
    data = lexicon_data(lexicon, settings)
    pictures, remarks = _pictures(figures or {})
    page_environment = environment(escape=True)
    page_environment.filters["heading"] = lambda column: HEADINGS.get(column, sections.heading(column))
    return page_environment.get_template("lexicon.html.jinja").render(
        title=cut(title, 200),
        settings=settings,
        facts=_facts(lexicon, settings),
        summary=summary_parts(lexicon, settings),
        notices=[cut(notice, NOTICE) for notice in lexicon.notices[:NOTICES]],
        notices_left=max(0, len(lexicon.notices) - NOTICES),
        remarks=[*data.remarks, *remarks],
        has={name: table.height > 0 for name, table in lexicon.tables().items()},
        several=lexicon.groups.height > 0 and lexicon.groups["within"].n_unique() > 1,
        terms=_term_blocks(lexicon, settings),
        rivals=_rival_blocks(lexicon),
        tables=_plain_blocks(lexicon),
        pictures=pictures,
        alternatives=ALTERNATIVES,
        files=FILES,
        data=Markup(data.json),  # noqa: S704 - escaped by `lexicon_data`
        INTERVAL=sections.INTERVAL,
    )


def _facts(lexicon: Lexicon, settings: LexiconSettings) -> str:
    shortest, longest = settings.ngrams
    length = f"{shortest} word" if shortest == longest else f"{shortest} to {longest} words"
    terms = lexicon.counts["term"].n_unique() if lexicon.counts.height else 0
    return (
        f"{terms:,} terms of {length}, found at least {settings.min_count} times · prior of "
        f"{settings.prior.words:g} words · level {settings.level:g} · "
        f"inference from {settings.min_documents} documents a side"
    )


def _pictures(figures: Mapping[str, Figure]) -> tuple[dict[str, str], list[str]]:
    """Return the figures that fit, and what is said of the others."""
    fitting, remarks, left = {}, [], PICTURES
    addresses = {name: data_uri(figure) for name, figure in figures.items()}
    # The small ones first, so that one large figure does not keep the others away.
    for name, address in sorted(addresses.items(), key=lambda each: len(each[1])):
        if len(address) > left:
            remarks.append(
                f"The figure of {name} is too large for this page; it stands in figures/{name}.png."
            )
            continue
        left -= len(address)
        fitting[name] = address
    return fitting, remarks


def _term_blocks(lexicon: Lexicon, settings: LexiconSettings) -> list[Block]:
    """Return the strongest terms of the first groups, for readers without JavaScript and on paper."""
    table = lexicon.terms
    if not table.height:
        return []
    first = table.filter((pl.col("within") == table["within"][0]) & (pl.col("log_odds") > 0))
    rest = first.filter(pl.col("other") == THE_REST)
    chosen = rest if rest.height else first
    names = sorted(chosen["group"].unique().to_list())[:GROUPS]
    return [
        _block(
            f"More in {short_name(name)} than in {other}",
            part.head(min(settings.shown, 15)).select(
                "term", "count", "count_other", "documents", "documents_other",
                "per_10k", "per_10k_other", "log_odds", "low", "high", "q",
            ), "terms", part.height,
        )
        for name in names
        for other in chosen.filter(pl.col("group") == name)["other"].unique(maintain_order=True).head(1)
        for part in [chosen.filter((pl.col("group") == name) & (pl.col("other") == other))]
    ]  # fmt: skip


def _rival_blocks(lexicon: Lexicon) -> list[Block]:
    """Return the shares of every set in the whole corpus, for readers without JavaScript."""
    table = lexicon.shares
    if not table.height:
        return []
    every = table.filter(pl.col("condition") == "all").head(ROWS + ROWS // 2)
    titles = (
        dict(lexicon.alternations.select("set", "title").iter_rows()) if lexicon.alternations.height else {}
    )
    return [
        _block(
            titles.get(name, name),
            part.sort("group", maintain_order=True).head(ROWS).select(
                "group", "variant", "count", "choices", "share", "low", "high", "suppressed"
            ), "shares", part.height,
        )
        for (name,), part in every.group_by("set", maintain_order=True)
    ]  # fmt: skip


def _plain_blocks(lexicon: Lexicon) -> dict[str, Block]:
    """Return the tables that are shown as they are, groups in alphabetical order."""
    made = {}
    for name, order, caption in (
        ("groups", ("within", "group"), "What was counted"),
        ("comparisons", ("within", "group", "other"), "Comparisons"),
        ("noise", ("kind", "group"), "What was taken out, or only listed"),
        ("self_check", ("group", "division"), "Documents divided at random: nothing is to be found"),
    ):
        table = getattr(lexicon, name)
        if table.height:
            shown = table.sort(*order, maintain_order=True).head(ROWS)
            folded = name in ("comparisons", "noise")
            made[name] = replace(_block(caption, shown, name, table.height), folded=folded)
    return made


def _block(caption: str, table: pl.DataFrame, file: str, every: int) -> Block:
    """Return a table with names and texts cut, without columns that have no value."""
    empty = [
        name
        for name in table.columns
        if table[name].is_null().all() or (name == "within" and set(table[name]) == {""})
    ]
    words = [name for name, kind in table.schema.items() if kind == pl.String and name not in empty]
    shortened = table.drop(empty).with_columns(
        pl.col(name).map_elements(lambda text: cut(text, SENTENCE), return_dtype=pl.String) if name == "text"
        else pl.col(name).map_elements(short_name, return_dtype=pl.String)
        for name in words
    )  # fmt: skip
    return Block(cut(caption, NAME + 40), with_interval(shortened), max(0, every - table.height), file)
