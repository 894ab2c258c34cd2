"""Lexicon tables as a report gets them, made up: no sentence and no number is from a corpus."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import polars as pl

from framing.evaluation.lexicon.measures import Prior
from framing.evaluation.lexicon.settings import LexiconSettings
from framing.evaluation.lexicon.tables import DOCUMENTS, THE_REST, TOO_FEW, Lexicon
from framing.evaluation.lexicon.whole import LexiconRules

EVIL = (
    "</script><script>document.title='broken'</script>",
    "<b>bold & \"quoted\" 'term'</b>",
    "<img src=x onerror=alert(1)>",
    "=HYPERLINK(1)",
    "🛡 shield",
    "line\u2028break",
    "взяли город",
    "a very " + "long " * 60 + "term",
)
"""Terms that a page must show as they are."""

SOURCES = ("Daily Courier", "Evening Echo", "Northern Wire", "The Gazette", "Вестник")
TEXT = """captured liberated seized occupied entered retook withdrew retreated advanced shelled bombed struck
launched repelled attacked defended destroyed invaders occupiers forces troops soldiers militants fighters
separatists defenders residents civilians refugees evacuees officials spokesman ministry governor mayor council
special operation invasion war conflict offensive counteroffensive front line village town city region border
bridge railway station power plant grid school hospital shelter aid convoy sanctions grain export port harbour
drone missile artillery tank battalion brigade reserve mobilisation ceasefire talks negotiations agreement
annexed referendum sovereignty territory integrity aggression provocation neutrality alliance allies partners
reportedly allegedly according claimed confirmed denied said announced warned promised admitted"""
WORDS = TEXT.split()
SETS = {
    "taking": ("What is said of a town that changes hands", ("liberate", "capture", "seize", "occupy")),
    "capital": ("How a capital is spelled", ("Tarnov", "Tarnau")),
    "soldiers": ("What soldiers are called", ("forces", "occupiers", "defenders")),
}


def settings(**changes: object) -> LexiconSettings:
    """Return usual settings with some changed."""
    usual = LexiconSettings(
        groups="source", within=None, strata=(), period="month", pairs=True, ngrams=(1, 2), prior=Prior(500.0, 0.5),
        min_count=5, min_documents=20, level=0.05, listed=100, draws=200, examples=5, min_choices=10, shown=15,
        self_check=20, seed=0,
    )  # fmt: skip
    return replace(usual, **changes)  # type: ignore[arg-type]


RULES = LexiconRules(settings(min_count=1, self_check=0), noise=None, alternations=None)
"""What a training run does for its lexicon: nothing is taken out, no rival words are looked for."""


def lexicon(
    sources: int = 5,
    terms: int = 240,
    *,
    within: tuple[str, ...] = ("",),
    pairs: bool = True,
    too_few: bool = False,
    evil: bool = True,
    seed: int = 0,
) -> Lexicon:
    """Return a lexicon with every table; alternations only of the whole corpus."""
    random = np.random.default_rng(seed)
    groups = group_names(sources)
    words = term_names(terms, evil=evil)
    parts = [_part(name, groups, words, random, pairs=pairs, too_few=too_few) for name in within]
    joined = {name: pl.concat([part[name] for part in parts]) for name in parts[0]}
    alternations, shares, choices = _alternations(groups, random, too_few=too_few)
    concordance = _concordance(joined["terms"], random)
    notices = ["Documents of one source are alike in topic; a difference in words is also one in events."]
    if too_few:
        notices.append("Too few documents for inference: effects describe these texts only.")
    return Lexicon(
        **joined, alternations=alternations, shares=shares, choices=choices, concordance=concordance,
        noise=_noise(groups), self_check=_self_check(groups), notices=notices,
    )  # fmt: skip


def group_names(number: int) -> list[str]:
    """Return names of sources, in alphabetical order."""
    more = [f"Outlet {count:04d}" for count in range(max(0, number - len(SOURCES)))]
    return sorted([*SOURCES[:number], *more])


def term_names(number: int, *, evil: bool) -> list[str]:
    """Return single words, then pairs of words; hostile ones first."""
    pairs = [f"{first} {second}" for first in WORDS for second in WORDS if first != second]
    made = [*(EVIL if evil else ()), *WORDS[: number // 2], *pairs[:: max(1, len(pairs) // number)]]
    return (made + [f"term{count}" for count in range(number)])[:number]


def _part(within, groups, words, random, *, pairs, too_few):
    documents = np.array(
        [8 + 2 * place if too_few else 60 + 35 * (place % 7) for place in range(len(groups))]
    )
    tokens = documents * 310
    base = 0.012 / (np.arange(len(words)) / 4 + 3)
    lean = np.where(random.random((len(words), len(groups))) < 0.3, random.normal(0, 1.1, (len(words), len(groups))), 0)  # fmt: skip
    counts = random.poisson(base[:, None] * np.exp(lean) * tokens)
    held = np.minimum(np.ceil(counts * 0.8).astype(int), documents)
    table = pl.DataFrame({
        "within": within, "group": groups, "documents": documents, "sentences": documents * 14, "words": tokens,
    })  # fmt: skip
    sides = [(place, None) for place in range(len(groups))]
    sides += list(combinations(range(len(groups)), 2)) if pairs else []
    made = [_comparison(within, groups, words, counts, held, table, pair, too_few) for pair in sides]
    row, column = np.nonzero(counts)
    long = pl.DataFrame({
        "within": within, "group": np.array(groups)[column], "term": np.array(words)[row],
        "count": counts[row, column], "documents": held[row, column],
    })  # fmt: skip
    return {
        "groups": table,
        "comparisons": pl.DataFrame([each[0] for each in made]).cast({"strata": pl.Int64, "significant": pl.Int64}),
        "terms": pl.concat([each[1] for each in made]),
        "counts": long,
    }  # fmt: skip


def _comparison(within, groups, words, counts, held, table, pair, too_few):
    first, second = pair
    mask = np.ones(len(groups), bool) if second is None else np.arange(len(groups)) == second
    mask[first] = False
    a, b = counts[:, first].astype(float), counts[:, mask].sum(1).astype(float)
    n_a, n_b = int(table["words"][first]), int(table["words"].to_numpy()[mask].sum())
    d_a, d_b = int(table["documents"][first]), int(table["documents"].to_numpy()[mask].sum())
    prior = 500 * (a + b + 0.01) / (n_a + n_b)
    log_odds = np.log((a + prior) / (n_a + 500 - a - prior)) - np.log((b + prior) / (n_b + 500 - b - prior))
    error = 1.25 * np.sqrt(1 / (a + prior) + 1 / (b + prior))
    low, high = log_odds - 1.96 * error, log_odds + 1.96 * error
    bound = np.sign(log_odds) * np.maximum(0, np.abs(log_odds) - 1.96 * error)
    p = np.clip(np.exp(-0.717 * np.abs(log_odds / error) - 0.416 * (log_odds / error) ** 2), 1e-12, 1)
    q = np.minimum(1, p * len(p) / (np.argsort(np.argsort(p)) + 1))
    ratio = np.log2((a + 0.5) / n_a / ((b + 0.5) / n_b))
    other = THE_REST if second is None else groups[second]
    nothing = pl.lit(None, pl.Float64)
    frame = pl.DataFrame({
        "within": within, "group": groups[first], "other": other, "term": words,
        "count": a.astype(int), "count_other": b.astype(int),
        "documents": held[:, first], "documents_other": held[:, mask].sum(1),
        "per_10k": a / n_a * 1e4, "per_10k_other": b / n_b * 1e4,
        "log_odds": log_odds, "standard_error": error, "low": low, "high": high, "bound": bound, "p": p, "q": q,
        "z_words": log_odds / error * 1.3, "g2": 9 * log_odds, "bic": 9 * np.abs(log_odds) - np.log(n_a + n_b),
        "log_ratio": ratio, "percent_difference": (2**ratio - 1) * 100, "simple_maths": 0.9 * ratio,
        "text_g2": 6 * log_odds, "range": held[:, first] / d_a, "range_other": held[:, mask].sum(1) / d_b,
        "dp": np.full(len(words), 0.6), "dp_other": np.full(len(words), 0.55),
        "jsd_share": [None if " " in word else 0.01 for word in words],
        "boot_low": low * 0.95, "boot_high": high * 1.05, "inference": TOO_FEW if too_few else DOCUMENTS,
    })  # fmt: skip
    if too_few:
        frame = frame.with_columns(
            nothing.alias(name)
            for name in ("standard_error", "low", "high", "bound", "p", "q", "boot_low", "boot_high")
        )
    ranked = frame.sort(pl.col("log_odds" if too_few else "bound"), pl.col("log_odds"), descending=True)
    top, bottom = ranked.filter(pl.col("log_odds") > 0), ranked.filter(pl.col("log_odds") <= 0).reverse()
    listed = pl.concat([top.head(100), bottom.head(100)])
    comparison = {
        "within": within, "group": groups[first], "other": other, "documents": d_a, "documents_other": d_b,
        "words": n_a, "words_other": n_b, "strata": None, "documents_left_out": 0, "tested": len(words),
        "significant": None if too_few else int((q <= 0.05).sum()), "listed": listed.height,
        "jsd": float(np.clip(np.abs(log_odds).mean() / 20, 0, 1)),
        "inference": TOO_FEW if too_few else DOCUMENTS,
    }  # fmt: skip
    return comparison, listed


def _concordance(terms, random):
    """Up to three sentences for every listed term of every group, with text before and after the term."""
    shown = terms.filter(pl.col("count") > 0).select("within", "group", "term").unique(maintain_order=True)
    number = shown.height
    before = ["After a night of shelling, ", "🛡 On Monday ", "Officials in the <b>region</b> wrote that "]
    after = [" was what the paper printed.", " stood in the second paragraph & nowhere else.", " and then silence."]  # fmt: skip
    made = []
    for copy in range(3):
        starts = np.array(before)[random.integers(0, 3, number)]
        ends = np.array(after)[random.integers(0, 3, number)]
        made.append(
            shown.with_columns(
                id=pl.format("s-{}-{}", pl.int_range(number), copy), source=pl.col("group"),
                article=pl.format("article-{}", pl.int_range(number) % 97),
                date=pl.when(pl.int_range(number) % 5 > 0).then(pl.lit("2022-03-04")),
                frames=pl.when(pl.int_range(number) % 3 > 0).then(pl.lit("capture;blame")),
                voice=pl.lit(None, pl.String), text=pl.Series(starts) + pl.col("term") + pl.Series(ends),
                start=pl.Series(starts).str.len_chars().cast(pl.Int64),
            ).with_columns(end=pl.col("start") + pl.col("term").str.len_chars().cast(pl.Int64))
        )  # fmt: skip
    return pl.concat(made)


def _alternations(groups, random, *, too_few):
    sets, shares, choices = [], [], []
    for name, (title, variants) in SETS.items():
        for condition in ("all", "agent: Easterners", "quoted: yes") if name == "taking" else ("all",):
            weights = random.dirichlet([1.2] * len(variants), len(groups))
            totals = random.integers(12, 160, len(groups))
            totals[-1] = 4
            for place, group in enumerate(groups):
                counts = random.multinomial(totals[place], weights[place])
                few = bool(totals[place] < 10)
                shares += [_share(name, condition, group, *each, int(totals[place]), few)
                           for each in zip(variants, counts, strict=True)]  # fmt: skip
                if condition == "all":
                    choices += [_choice(name, group, *each) for each in zip(variants, counts, strict=True)]
            sets.append({
                "within": "", "set": name, "title": title, "condition": condition, "choices": int(totals.sum()),
                "documents": int(totals.sum() // 2), "groups": len(groups) - 1, "cramers_v": 0.31,
                "statistic": 20.5, "degrees": (len(variants) - 1) * (len(groups) - 2),
                "p": None if too_few else 0.0004, "q": None if too_few else 0.001,
                "inference": TOO_FEW if too_few else DOCUMENTS,
            })  # fmt: skip
    examples = pl.DataFrame([row for rows in choices for row in rows], infer_schema_length=None)
    return (
        pl.DataFrame(sets, infer_schema_length=None),
        pl.DataFrame(shares, infer_schema_length=None),
        examples,
    )


def _share(name, condition, group, variant, count, total, few):
    share = count / total
    wide = 1.96 * np.sqrt((share * (1 - share) + 0.02) / total)
    return {
        "within": "", "set": name, "condition": condition, "group": group, "variant": variant,
        "count": int(count), "choices": total, "documents": max(1, total // 2),
        "share": None if few else share, "shrunken": None if few else 0.9 * share + 0.02,
        "low": None if few else max(0.0, share - wide), "high": None if few else min(1.0, share + wide),
        "suppressed": few,
    }  # fmt: skip


def _choice(name, group, variant, count):
    start = "The report says that they would "
    return [
        {"within": "", "set": name, "variant": variant, "group": group, "agent": "Easterners" if copy else None,
         "place": "Dorn", "quoted": None, "id": f"c-{name}-{variant}-{copy}", "source": group,
         "article": f"article-{copy}", "date": "2022-04-05",
         "text": f"{start}{variant} Dorn <i>soon</i>.", "start": len(start), "end": len(start) + len(variant)}
        for copy in range(min(int(count), 3))
    ]  # fmt: skip


def _noise(groups):
    rows = [(kind, group, text, 12 + place, 9 + place, kind != "wire copy") for place, group in enumerate(groups[:40])
            for kind, text in (("boilerplate", "Sign up for <b>our</b> letter & more."), ("own name", group), ("wire copy", "Read by two papers alike."))]  # fmt: skip
    return pl.DataFrame(
        rows, schema=["kind", "group", "text", "sentences", "documents", "removed"], orient="row"
    )


def _self_check(groups):
    return pl.DataFrame({
        "group": groups[:30], "division": "in halves", "documents": 60, "repeats": 20, "tested": 412.5, "share_p05": 0.043, "low": 0.031,
        "high": 0.055, "discoveries": 0.05, "as_expected": True,
    })  # fmt: skip


def huge() -> Lexicon:
    """Return more than a page can hold: 1,000 sources with long hostile names, a million terms, long texts."""
    small = lexicon(5, 240)
    copies, rows = 5000, small.terms.height
    number = pl.int_range(pl.len())
    name = pl.format('<\u2028"🛡&{}{}', pl.lit("<&" * 60), number % 1000)
    terms = pl.concat([small.terms.head(200)] * copies).with_columns(
        group=name, other=pl.lit(THE_REST), term=pl.format("{}{}", pl.lit("&<\u2028\"🛡" * 30), number // 1000),
    )  # fmt: skip
    assert terms.height == 200 * copies > rows
    comparisons = pl.concat([small.comparisons.head(1)] * 1000).with_columns(group=name)
    groups = pl.concat([small.groups.head(1)] * 1000).with_columns(group=name)
    long = pl.lit('&<\u2028"🛡' * 4000)
    concordance = pl.concat([small.concordance.head(200)] * 15).with_columns(
        group=name, term=terms["term"].head(3000), text=long, start=pl.lit(9000), end=pl.lit(9200), article=long,
    )  # fmt: skip
    return replace(
        small, groups=groups, comparisons=comparisons, terms=terms, concordance=concordance,
        counts=terms.select("within", "group", "term", "count", "documents"),
        shares=pl.concat([small.shares] * 300).with_columns(group=name, variant=name),
        choices=pl.concat([small.choices] * 100).with_columns(group=name, text=long),
        alternations=pl.concat([small.alternations] * 200).with_columns(title=name, set=name),
        noise=pl.concat([small.noise] * 100).with_columns(text=long, group=name),
        self_check=pl.concat([small.self_check] * 200).with_columns(group=name),
        notices=["<notice> " * 900] * 500,
    )  # fmt: skip
