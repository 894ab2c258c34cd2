"""A made-up evaluation with every table filled, to try reports on. Its numbers mean nothing."""

from dataclasses import replace

import numpy as np
import polars as pl

from framing.core.codebook import Codebook, Frame, Voice
from framing.core.corpus import frame_lists
from framing.corpus_words import with_overlap
from framing.evaluation.explanations import strongest_words
from framing.evaluation.findings import Findings
from framing.evaluation.lexicon.whole import LexiconRules
from framing.evaluation.scores import frame_table, summary, voice_macro_f1, voice_table
from framing.evaluation.slices import slice_table
from framing.reporting.evaluated import Evaluated
from framing.source_lexicon import corpus_lexicon
from tests.lexicon_tables import settings

WORDS = {
    "liberation": "liberated", "capture": "captured", "occupation": "occupied",
    "defensive_justification": "was forced to protect", "advantage": "broke through near",
    "resistance": "repelled an attack on", "civilian_harm": "shelled homes in", "discrediting": "lied about",
}  # fmt: skip
SOURCES = ("agency_a", "agency_b", "daily_news", "field_blog", "the_post")
VOICES = {"asserted": "", "attributed": ", officials said", "contested": ", a claim that was doubted at once"}
PLACES = ("Varen", "Ostrel", "Milhaven", "Dorn", "Kestrin", "Alder Ford")
SIDES = ("Northern troops", "Southern troops")


def codebook() -> Codebook:
    return Codebook(
        name="territorial_war", version="1.1", title="Frames in reporting on territorial war", single_label=False,
        unit="one sentence", introduction="", voice_rule="", rules=(),
        frames=tuple(Frame(name, f"about {name}", "", "", (word,), ()) for name, word in WORDS.items()),
        voices=tuple(Voice(name, f"is {name}") for name in VOICES),
    )  # fmt: skip


def evaluated(number: int = 400, seed: int = 0) -> Evaluated:
    """Return an evaluation of so many sentences of 5 sources with 8 frames."""
    book, rng = codebook(), np.random.default_rng(seed)
    gold = rng.random((number, 8)) < np.array([0.14, 0.3, 0.12, 0.03, 0.25, 0.1, 0.18, 0.05])
    has_frame = gold.any(axis=1)
    voices = np.where(has_frame, rng.choice(3, number, p=[0.55, 0.35, 0.1]), -1).astype(np.int8)
    logits = np.where(gold, 1.0, -2.6) + rng.normal(0, 1.3, gold.shape)
    probabilities = 1 / (1 + np.exp(-logits))
    predicted = probabilities > 0.5
    guessed = np.where(rng.random(number) < 0.75, voices, rng.choice(3, number)).astype(np.int8)
    guessed = np.where(guessed < 0, 0, guessed).astype(np.int8)
    sentences = _sentences(book, gold, predicted, voices, guessed, rng)
    sentences = sentences.with_columns(
        pl.Series(f"p_{name}", probabilities[:, column]) for column, name in enumerate(WORDS)
    )
    findings = _findings(book, sentences, (gold, predicted, probabilities, voices, guessed), rng)
    compared = settings(min_count=3, min_documents=5, listed=20, draws=20, self_check=0, shown=8)
    corpus = sentences.with_columns(pl.col("frames").str.split(";"), date=pl.lit(None, pl.String))
    lexicon = corpus_lexicon(corpus, LexiconRules(compared, noise=None, alternations=None))
    findings = with_overlap(replace(findings, words=_words(sentences, findings)), corpus, compared)
    counts = [
        {
            "source": source,
            "frame": name,
            "sentences": int(gold[(sentences["source"] == source).to_numpy(), column].sum()),
        }
        for source in SOURCES
        for column, name in enumerate(WORDS)
    ]
    return Evaluated(
        name="transformer-seeds-leave_one_source_out", model="transformer", codebook=book,
        split="leave_one_source_out", sentences=sentences, findings=findings, label_counts=pl.DataFrame(counts),
        lexicon=lexicon, lexicon_settings=compared, notices=["21 sentences are neither learned from nor scored (18 boilerplate, 3 repeat)."],
    )  # fmt: skip


def single_label(number: int = 60) -> Evaluated:
    """Return one with a codebook without voices, in which every sentence has exactly one frame."""
    whole = evaluated(number)
    book = replace(whole.codebook, single_label=True, voices=())
    first = pl.col("frames").str.split(";").list.first().replace("", "capture")
    other = pl.col("predicted_frames").str.split(";").list.first().replace("", "advantage")
    sentences = whole.sentences.with_columns(first, other).drop("voice", "predicted_voice")
    findings = replace(
        whole.findings, models=whole.findings.models.with_columns(voice_macro_f1=pl.lit(None, pl.Float64)),
        voices=pl.DataFrame(), voice_confusion=pl.DataFrame(), mentions=pl.DataFrame(),
        slices=whole.findings.slices.filter(pl.col("by") != "voice"),
    )  # fmt: skip
    return replace(whole, codebook=book, sentences=sentences, findings=findings)


def from_a_file(number: int = 60) -> Evaluated:
    """Return one of an outside file: labels alone, no probabilities, sources, voices or other models."""
    whole = evaluated(number)
    found = whole.findings
    findings = Findings(
        models=found.models.head(1).with_columns(
            model=pl.lit("predictions.csv"),
            low=pl.lit(None, pl.Float64),
            high=pl.lit(None, pl.Float64),
            voice_macro_f1=pl.lit(None, pl.Float64),
        ),
        frames=found.frames.with_columns(average_precision=pl.lit(None, pl.Float64)),
        frame_confusion=found.frame_confusion,
        notices=["There are no probabilities, so nothing can be said about calibration."],
    )
    return Evaluated(
        name="outside", model="predictions.csv", codebook=replace(whole.codebook, voices=()), split=None,
        sentences=whole.sentences.select("id", "text", "frames", "predicted_frames"), findings=findings,
    )  # fmt: skip


def _sentences(book, gold, predicted, voices, guessed, rng) -> pl.DataFrame:
    texts = []
    for row, voice in zip(gold, voices, strict=True):
        side = SIDES[rng.integers(2)]
        claims = [
            f"{word} {PLACES[rng.integers(6)]}" for word, has in zip(WORDS.values(), row, strict=True) if has
        ]
        claim = (
            " and ".join(claims) or f"were seen near {PLACES[rng.integers(6)]} on day {rng.integers(1, 90)}"
        )
        texts.append(f"{side} {claim}{[*VOICES.values()][voice] if voice >= 0 else ''}.")
    place = np.arange(len(texts))
    source = [SOURCES[each * len(SOURCES) // len(texts)] for each in place]
    names = [*VOICES]
    return pl.DataFrame(
        {
            "id": [f"{name}-{each:03d}" for name, each in zip(source, place, strict=True)],
            "source": source,
            "article": [f"{name}-article-{each // 8}" for name, each in zip(source, place, strict=True)],
            "text": texts,
            "kind": np.where(place % 8 == 0, "headline", "body").tolist(),
            "fold": source,
            "frames": [";".join(row) for row in frame_lists(book, gold)],
            "predicted_frames": [";".join(row) for row in frame_lists(book, predicted)],
            "voice": [names[code] if code >= 0 else None for code in voices],
            "predicted_voice": [names[code] for code in guessed],
        }
    )


def _findings(book, sentences, arrays, rng) -> Findings:
    gold, predicted, probabilities, voices, guessed = arrays
    frames = (
        frame_table(book.frame_ids, gold, predicted, probabilities)
        .with_columns(
            low=(pl.col("f1") - 0.8 / pl.col("support").sqrt()).clip(0, 1),
            high=(pl.col("f1") + 0.6 / pl.col("support").sqrt()).clip(0, 1),
        )
        .select(
            "frame", "precision", "recall", "f1", "low", "high", "average_precision", "support", "predicted"
        )
    )
    voice_scores = voice_table(book.voice_ids, voices, guessed)
    own = summary(gold, predicted) | {"voice_macro_f1": voice_macro_f1(voice_scores)}
    models = _models(own)
    return Findings(
        models=models, frames=frames, voices=voice_scores, slices=_slices(sentences, gold, predicted),
        frame_confusion=_frame_confusion(sentences),
        voice_confusion=sentences.filter(pl.col("voice").is_not_null()).group_by("voice", pl.col("predicted_voice").alias("predicted")).agg(pl.len().cast(pl.Int64).alias("sentences")).sort("voice", "predicted"),
        intervals=_intervals(models), comparisons=_comparisons(models), **_mentions(), **_checks(sentences),
        **_calibration(sentences), **_labels(sentences, gold, probabilities), **_why(sentences, rng),
        notices=["The split by time was not made: no sentence has a date."],
    )  # fmt: skip


def _models(own) -> pl.DataFrame:
    better = own["macro_f1"]
    scores = {
        "transformer": better,
        "dictionary": better - 0.02,
        "tfidf": better - 0.11,
        "majority": 0.06,
        "source_only": 0.09,
    }
    return pl.DataFrame(
        [
            {"model": name, "macro_f1": score, "low": score - 0.05, "high": score + 0.05, "micro_f1": own["micro_f1"] * score / better,
             "exact_match": own["exact_match"] * score / better, "voice_macro_f1": own["voice_macro_f1"] if name == "transformer" else 0.25}
            for name, score in scores.items()
        ]
    )  # fmt: skip


def _intervals(models) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"model": name, "drawn": drawn, "groups": groups, "macro_f1": score, "low": max(0.0, score - wide), "high": min(1.0, score + wide)}
            for drawn, groups, wide in (("sentence", 400, 0.035), ("article", 52, 0.05), ("source", 5, 0.12))
            for name, score in models.select("model", "macro_f1").iter_rows()
        ]
    )  # fmt: skip


def _comparisons(models) -> pl.DataFrame:
    own, rows = models["macro_f1"][0], []
    for name, score in models.select("model", "macro_f1").iter_rows():
        if name != "transformer":
            close = own - score < 0.05
            rows.append({
                "model": "transformer", "other": name, "difference": own - score, "low": own - score - 0.06, "high": own - score + 0.06,
                "p": 0.41 if close else 0.0004, "p_holm": 0.41 if close else 0.0016, "only_model": 61, "only_other": 48 if close else 12,
                "mcnemar_p": 0.25 if close else 0.0001, "mcnemar_p_holm": 0.25 if close else 0.0004, "detectable": 0.083,
            })  # fmt: skip
    return pl.DataFrame(rows)


def _slices(sentences, gold, predicted) -> pl.DataFrame:
    words = np.where(
        sentences["text"].str.count_matches(r"\w+").to_numpy() > 9, "10 or more", "up to 9"
    ).tolist()
    groups = {
        "source": sentences["source"],
        "voice": sentences["voice"].fill_null("no voice"),
        "register": sentences["kind"],
        "words": words,
    }
    parts = [
        slice_table(by, list(values), gold, predicted).with_columns(
            low=pl.col("macro_f1") - 0.09, high=pl.col("macro_f1") + 0.08
        )
        for by, values in groups.items()
    ]
    return pl.concat(parts).select(
        "by", "part", "sentences", "frames", "macro_f1", "low", "high", "micro_f1", "exact_match"
    )


def _frame_confusion(sentences) -> pl.DataFrame:
    counts = {(a, b): 0 for a in WORDS for b in [*WORDS, "(nothing wrong)"] if a != b}
    for frames, given in sentences.select("frames", "predicted_frames").iter_rows():
        labelled, found = set(filter(None, frames.split(";"))), set(filter(None, given.split(";")))
        for frame in labelled:
            for other in (found - labelled) or (set() if found else {"(nothing wrong)"}):
                counts[frame, other] += 1
    return pl.DataFrame(
        [{"frame": a, "taken_for": b, "sentences": count} for (a, b), count in counts.items() if count]
    )


def _mentions() -> dict[str, pl.DataFrame]:
    rows = []
    for frame in ["all frames", *WORDS]:
        for voice, share in (("asserted", None), ("attributed", 0.2), ("contested", 0.5)):
            size = {"asserted": 230, "attributed": 140, "contested": 40}[voice] // (
                1 if frame == "all frames" else 8
            )
            found = int(size * 0.7)
            taken = None if share is None else int(found * share)
            rows.append({
                "frame": frame, "voice": voice, "with_frame": size, "found": found, "recall": found / size, "without_frame": size * 3,
                "false_alarms": size // 6, "false_alarm_share": (size // 6) / (size * 3), "taken_for_use": taken,
                "taken_for_use_share": None if taken is None else taken / max(1, found),
            })  # fmt: skip
    return {"mentions": pl.DataFrame(rows, infer_schema_length=None)}


def _checks(sentences) -> dict[str, pl.DataFrame]:
    changes = [
        ("swap_sides", "invariance", 120, 111),
        ("other_towns", "invariance", 160, 158),
        ("they_say", "direction", 90, 52),
    ]
    perturbed = [
        {"id": row["id"], "perturbation": name, "before": row["text"], "after": after(row["text"]), "frames_before": row["predicted_frames"],
         "frames_after": "advantage", "voice_before": row["predicted_voice"], "voice_after": "asserted", "as_expected": place % 3 > 0}
        for name, after in (("swap_sides", lambda text: text.replace("Northern", "Southern")), ("they_say", lambda text: f"They say that {text}"))
        for place, row in enumerate(sentences.head(60).iter_rows(named=True))
    ]  # fmt: skip
    return {
        "probes": pl.DataFrame({
            "probe": ["source from the text", "within-source AUC", "names, places and outlets masked"], "value": [0.52, 0.81, 0.55],
            "reference": [0.2, 0.5, 0.58], "meaning": ["macro F1 of guessing the source; reference: majority", "how well frames are told apart inside one source; reference: chance", "macro F1 of the same model without them; reference: with them"],
        }),
        "splits": pl.DataFrame({"split": ["random", "article"], "macro_f1": [0.66, 0.63], "low": [0.6, 0.57], "high": [0.71, 0.68], "gap": [0.08, 0.05]}),
        "perturbations": pl.DataFrame([
            {"perturbation": name, "kind": kind, "sentences": n, "as_expected": k, "share": k / n, "low": k / n - 0.05, "high": min(1.0, k / n + 0.05), "shift": 0.04,
             "expectation": "frames and voice stay" if kind == "invariance" else "the voice becomes attributed"} for name, kind, n, k in changes
        ]),
        "perturbed": pl.DataFrame(perturbed),
        "sets": pl.DataFrame({"sets": [80], "sentences": [320], "sentences_right": [240], "sets_right": [31], "sets_right_share": [0.39], "by_chance": [0.32]}),
    }  # fmt: skip


def _calibration(sentences) -> dict[str, pl.DataFrame]:
    bins = np.arange(10) / 10 + 0.05
    reliability = [
        {
            "by": "all",
            "part": "all",
            "scaling": scaling,
            "bin": number,
            "decisions": int(1500 * 0.6**number + 40),
            "probability": middle,
            "share": float(np.clip(middle + off * np.sin(3 * middle), 0, 1)),
        }
        for scaling, off in (("none", -0.16), ("temperature", -0.05), ("isotonic", 0.02))
        for number, middle in enumerate(bins)
    ]
    parts = [
        ("all", "all"),
        *[("source", source) for source in SOURCES],
        *[("frame", frame) for frame in WORDS],
    ]
    coverage = np.linspace(0.1, 1, 19)
    return {
        "calibration": pl.DataFrame([
            {"by": by, "part": part, "scaling": scaling, "decisions": 3200 if by == "all" else 640, "brier": 0.09 + off, "ece": 0.03 + off, "low": 0.02 + off, "high": 0.05 + off}
            for by, part in parts for scaling, off in (("none", 0.05), ("temperature", 0.01), ("isotonic", 0.0))
        ]),
        "reliability": pl.DataFrame(reliability),
        "coverage": pl.DataFrame({"coverage": coverage, "risk": 0.12 + 0.4 * coverage**2, "macro_f1": 0.8 - 0.22 * coverage}),
    }  # fmt: skip


def _labels(sentences, gold, probabilities) -> dict[str, pl.DataFrame]:
    sizes = [40, 80, 160, 240, 320]
    curve = [
        {"share": size / 320, "sentences": size, "repeat": repeat, "macro_f1": 0.72 - 3.2 / np.sqrt(size) + 0.02 * np.sin(7 * size + repeat)}
        for size in sizes for repeat in range(5)
    ]  # fmt: skip
    quality = np.where(gold, probabilities, 1 - probabilities)
    worst = np.argsort(quality, axis=None)[:40]
    issues = [
        {
            "id": sentences["id"][int(place // 8)],
            "frame": [*WORDS][place % 8],
            "labelled": bool(gold.flat[place]),
            "probability": float(probabilities.flat[place]),
            "quality": float(quality.flat[place]),
        }
        for place in worst
    ]
    prevalence = [
        {"source": source, "frame": frame, "sentences": 80, "labelled": 0.2 + 0.02 * row - 0.01 * column, "predicted": 0.21 - 0.01 * column, "corrected": 0.2 - 0.01 * column, "low": 0.11, "high": 0.29}
        for row, source in enumerate(SOURCES) for column, frame in enumerate(WORDS)
    ]  # fmt: skip
    return {
        "learning_curve": pl.DataFrame(curve),
        "learning_gain": pl.DataFrame({"sentences": [320, 320], "further": [100, 300], "gain": [0.014, 0.03], "low": [0.002, 0.0], "high": [0.03, 0.07]}),
        "label_issues": pl.DataFrame(issues),
        "prevalence": pl.DataFrame(prevalence),
    }  # fmt: skip


def _words(sentences, findings) -> pl.DataFrame:
    """Return the words that the contributions rest on."""
    row = dict(zip(sentences["id"], range(sentences.height), strict=True))
    numbered = findings.contributions.with_columns(row=pl.col("id").replace_strict(row))
    return strongest_words(numbered, sentences["text"].to_list(), most=6)


def _why(sentences, rng) -> dict[str, pl.DataFrame]:
    """Return contributions of every word to every frame that a sentence has or was given."""
    rows, whole = [], []
    for identity, text, frames, given in sentences.select(
        "id", "text", "frames", "predicted_frames"
    ).iter_rows():
        for frame in sorted(set(filter(None, f"{frames};{given}".split(";")))):
            at = 0
            for word in text.split(" "):
                told = 1.6 if word in WORDS[frame] and len(word) > 3 else float(rng.normal(-0.05, 0.15))
                rows.append(
                    {
                        "id": identity,
                        "frame": frame,
                        "start": at,
                        "end": at + len(word.rstrip(".,")),
                        "contribution": told,
                    }
                )
                at += len(word) + 1
            whole.append({"id": identity, "frame": frame, "base": -1.4, "logit": 0.3, "unexplained": 0.004})
    return {"contributions": pl.DataFrame(rows), "completeness": pl.DataFrame(whole)}
