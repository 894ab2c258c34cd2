"""What does the lexicon command find in 92,624 headlines of 13 outlets about a war?

    python experiments/011-war-headlines/run.py headlines=FILE [sample=true]

FILE is Parquet with article, text, source and date. The headlines belong to their publishers and are not in
the repository; what is written here are counts, shares, and terms of one or two words. Runs of the command
that are finished stay under outputs/011-war-headlines/ and are not done again. `sample=true` prints the
choices that were judged for precision.csv, and does nothing else.
"""

import subprocess
import sys
from pathlib import Path

import polars as pl
from figures import write_figures
from halves import halves_table, unequal_table
from readings import YEAR, found_choices, precision, sample, war_forms, war_topics

from framing.core.config import PROJECT

RESULT = Path(__file__).parent
PLACE = PROJECT / "outputs" / "011-war-headlines"
PARTS = {"all": pl.lit(value=True), "2022": YEAR == "2022", "2025-26": YEAR.is_in(["2025", "2026"])}
BY_PERIOD = ["lexicon.strata=[period]"]
BY_DAY = ["data.columns.article=day"]
RUNS: dict[str, tuple[str, list[str]]] = {
    "no strata": ("all", ["lexicon.self_check=true"]),
    "within years": ("all", [*BY_PERIOD]),
    "within quarters": ("all", [*BY_PERIOD, "lexicon.period=quarter"]),
    "within months": ("all", [*BY_PERIOD, "lexicon.period=month"]),
    "within months, day as document": ("all", [*BY_PERIOD, "lexicon.period=month", *BY_DAY]),
    "2022": ("2022", []),
    "2022, within months": ("2022", [*BY_PERIOD, "lexicon.period=month"]),
    "2022, within months, day as document": ("2022", [*BY_PERIOD, "lexicon.period=month", *BY_DAY]),
    "2025-26": ("2025-26", []),
    "2025-26, within months": ("2025-26", [*BY_PERIOD, "lexicon.period=month"]),
    "2025-26, numbers alike": ("2025-26", ["lexicon.noise.numbers_alike=true"]),
}
"""Name of a run -> the part of the file, and what is set besides."""

SETS = [
    "Kyiv", "Kharkiv", "Odesa", "Zaporizhzhia", "Donbas", "Luhansk", "the war's name",
    "the war's name beside Ukraine", "taking a place",
    "Russian soldiers", "Ukrainian soldiers", "soldiers",
    "the government in Moscow", "the government in Kyiv",
]  # fmt: skip
REST = "the rest"
COMPARED = ("2022, within months", "2025-26, within months")
WITH_PARTS = ("taking a place", "the war's name", "the war's name beside Ukraine")
CONDITIONS = [
    "all", "quoted", "not quoted", "agent: Russia", "agent: Ukraine", "place: Russia", "place: Ukraine",
    "agent: Russia, place: Ukraine", "agent: Ukraine, place: Ukraine",
]  # fmt: skip
TERM_COLUMNS = [
    "run", "group", "term", "count", "count_other", "documents", "log_odds", "low", "high", "q",
]  # fmt: skip
LISTED, LEAST, LEVEL = 12, 20, 0.05


def main() -> None:
    options = dict(argument.split("=", 1) for argument in sys.argv[1:])
    headlines = with_days(pl.read_parquet(options["headlines"]))
    found = found_choices(headlines)
    sampled = sample(found)
    if options.get("sample") == "true":
        for row in sampled.select("key", "agent", "place", "chosen", "source", "text").iter_rows():
            print(*row, sep=" | ")
        return
    readings = {
        "war_forms": war_forms(found),
        "war_topics": war_topics(found),
        "precision": precision(sampled),
    }
    for part, condition in PARTS.items():
        write_part(headlines.filter(condition), part)
    lexicons = {name: lexicon(name, part, chosen) for name, (part, chosen) in RUNS.items()}
    tables = corpus_tables(headlines) | run_tables(lexicons) | readings
    tables["halves"] = halves_table(headlines)
    tables["unequal"] = unequal_table(headlines, "tass")
    tables["self_check"] = lexicons["no strata"]["self_check"].drop("within", strict=False)
    for name, table in tables.items():
        table.with_columns(pl.col(pl.Float64).round(4)).write_csv(RESULT / f"{name}.csv")
    write_figures(tables, RESULT)


def with_days(headlines: pl.DataFrame) -> pl.DataFrame:
    """Add `day`: all headlines of a source and day; a headline without date is alone."""
    dated = pl.col("date").is_not_null() & (YEAR > "1900")
    return headlines.with_columns(day=pl.when(dated).then("date").otherwise("article"))


def write_part(part: pl.DataFrame, name: str) -> None:
    path = PLACE / f"{name}.parquet"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_parquet(path)


def lexicon(name: str, part: str, chosen: list[str]) -> dict[str, pl.DataFrame]:
    """Return the tables of a run of the command; it runs unless it has."""
    folder = PLACE / name.replace(", ", "_").replace(" ", "_")
    if not (folder / "lexicon.html").is_file():
        fixed = ["tracking=none", "lexicon.listed=null", "lexicon.examples=1", "lexicon.draws=0"]
        data = ["data=parquet", f"data.path={PLACE / f'{part}.parquet'}", f"output={folder}"]
        command = [sys.executable, "-m", "framing.lexicon", *data, *fixed, *chosen]
        subprocess.run(command, check=True, cwd=PROJECT, stdout=subprocess.DEVNULL)
    return {path.stem: pl.read_parquet(path) for path in (folder / "tables").glob("*.parquet")}


def corpus_tables(headlines: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return what each source has: by year, and what is odd about its headlines."""
    year = pl.when(YEAR > "1900").then(YEAR).otherwise(pl.lit("no date")).fill_null("no date")
    years = headlines.group_by("source", year=year).len("headlines").sort("source", "year")
    text = pl.col("text")
    first_of = pl.col("date").filter(YEAR > "1900")
    sources = headlines.group_by("source").agg(
        headlines=pl.len(),
        first=first_of.min(),
        last=first_of.max(),
        no_date=pl.col("date").is_null().sum(),
        year_1=(YEAR == "0001").sum(),
        lower_case=(text == text.str.to_lowercase()).mean(),
        long_115=(text.str.len_chars() >= 115).mean(),
        misread_signs=text.str.contains(r"\p{L}[ÕÔ]\p{L}|[ÒÓ]\p{L}|\s[ÐÑ]\s").mean(),
    )
    return {"years": years, "sources": sources.sort("source")}


def run_tables(lexicons: dict[str, dict[str, pl.DataFrame]]) -> dict[str, pl.DataFrame]:
    """Return the tables of all runs below each other, by name."""

    def all_runs(name: str, runs: list[str]) -> pl.DataFrame:
        tables = [lexicons[run][name].select(pl.lit(run).alias("run"), pl.all()) for run in runs]
        return pl.concat(tables, how="diagonal_relaxed").drop("within", strict=False)

    # Strata change the test, not the shares.
    every, parts = list(lexicons), ["no strata", "2022", "2025-26", "2025-26, numbers alike"]
    shares = all_runs("shares", parts).filter(pl.col("set").is_in(SETS)).drop("shrunken")
    chosen = (pl.col("count") > 0) | ~pl.col("suppressed")
    somewhere = pl.col("count").sum().over("run", "set", "condition", "variant") > 0
    parts_of = (pl.col("condition") == "all") | (
        pl.col("set").is_in(WITH_PARTS) & pl.col("run").is_in(["2022", "2025-26"])
    )
    shares = shares.filter(chosen, somewhere, parts_of, pl.col("condition").is_in(CONDITIONS))
    tests = all_runs("alternations", every).filter(pl.col("set").is_in(SETS)).drop("title")
    noise = (
        all_runs("noise", parts).group_by("run", "kind", "group", "removed").agg(pl.col("sentences").sum())
    )
    rest = pl.col("other") == REST
    strongest = pl.concat([lexicons[run]["terms"].with_columns(run=pl.lit(run)) for run in COMPARED])
    strongest = strongest.filter(
        rest, pl.col("log_odds") > 0, pl.col("documents") >= 10, pl.col("q") <= LEVEL
    )
    strongest = strongest.group_by("run", "group", maintain_order=True).head(LISTED)
    return {
        "comparisons": all_runs("comparisons", every).drop("words", "words_other", "listed"),
        "alternations": tests,
        "shares": shares,
        "noise": noise.sort("run", "kind", "group", "removed"),
        "terms": strongest.select(TERM_COLUMNS),
        "changed_terms": changed_terms(lexicons["no strata"]["terms"], lexicons["within months"]["terms"]),
    }


def changed_terms(without: pl.DataFrame, within: pl.DataFrame) -> pl.DataFrame:
    """Return the terms that differ as long as periods are mixed and not when months are compared.

    The strongest of each source against the rest: q at most .05 without strata, above it within months.
    """
    columns = ["group", "term", "count", "count_other", "log_odds", "bound", "q"]
    rest = pl.col("other") == REST
    before = without.filter(rest, pl.col("q") <= LEVEL, pl.col("log_odds") > 0).select(columns)
    joined = before.join(
        within.filter(rest).select(columns), on=["group", "term"], suffix="_within", maintain_order="left"
    )
    gone = joined.filter(pl.col("q_within") > LEVEL, pl.col("count") >= LEAST)
    return gone.sort("group", -pl.col("bound")).group_by("group", maintain_order=True).head(LISTED)


if __name__ == "__main__":
    main()
