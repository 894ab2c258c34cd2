"""How the sources of a corpus differ in their words: counted, written, and what must be known to read it."""

from collections.abc import Mapping

import polars as pl

from framing.core.errors import CorpusError, FramingError
from framing.data.loading import Unlabelled
from framing.evaluation.lexicon import LexiconSettings, lexicon_by_source
from framing.reporting.writing import new_folder, write_lexicon, write_problems


def corpus_lexicon(sentences: pl.DataFrame, settings: LexiconSettings) -> pl.DataFrame:
    """Return the terms of every source against the rest."""
    texts, sources, articles = (sentences[name].to_list() for name in ("text", "source", "article"))
    return lexicon_by_source(texts, sources, articles, settings)


def report_lexicon(
    found: Unlabelled, settings: LexiconSettings, output: str, *, quarantine: bool
) -> tuple[pl.DataFrame, list[str]]:
    """Compare the sources of a corpus and write `lexicon.csv` and `lexicon.png`; nothing is trained.

    Raises:
        FramingError: the corpus has problems and `quarantine` is off, or it has one source only, or the
            output has files already.
    """
    sentences, problems = found.sentences, found.problems
    if problems and not quarantine:
        raise CorpusError(problems)
    if sentences["source"].n_unique() < 2:
        raise FramingError(
            f"found one source ({sentences['source'][0]}), expected at least two to compare. Add another."
        )
    folder = new_folder(output)
    lexicon = corpus_lexicon(sentences, settings)
    write_lexicon(lexicon, settings.shown, folder)
    notices = [set_aside_notice(found.set_aside, "not counted")] if found.set_aside else []
    if problems:
        path = write_problems(problems, folder)
        notices.append(f"{len(problems)} problem(s) in the data; the rows are left out and listed in {path}.")
    return lexicon, notices + lexicon_notices(sentences, settings)


def lexicon_notices(sentences: pl.DataFrame, settings: LexiconSettings) -> list[str]:
    """Return what must be said before the lexicon is read."""
    documents = sentences.group_by("source").agg(pl.col("article").n_unique())["article"]
    if len(documents) > 1 and documents.to_numpy().min() >= settings.min_documents:
        if documents.sum() < sentences.height:
            return []
        return [
            "Lexicon: every sentence is an article of its own, so p counts sentences. If sentences share "
            "articles, say which column names them (data.columns.article); p is too small without it."
        ]
    if len(documents) == 1:
        return ["The corpus has one source, so there is no lexicon to compare."]
    fewest = int(documents.to_numpy().min())
    return [
        f"Lexicon: the smallest source has {fewest} document(s), inference needs "
        f"{settings.min_documents}; effects are given without p and describe these texts only."
    ]


def set_aside_notice(set_aside: Mapping[str, int], use: str) -> str:
    """Return the notice about sentences of an excluded kind, by kind."""
    kinds = ", ".join(f"{number} {kind}" for kind, number in set_aside.items())
    return f"{sum(set_aside.values())} sentences are {use} ({kinds})."
