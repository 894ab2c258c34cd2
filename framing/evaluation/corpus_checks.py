"""What a corpus should keep to: each check says what it found, what the limit is, and whether it holds.

They are about what a model could learn instead of the frames: phrases and sentences that come again and
again, a label that one voice, one register or one side of a war alone has.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framing.evaluation.duplicates import NearDuplicates, near_duplicates
from framing.evaluation.sequences import repeated_sequences

SHOWN = 10
SCORED, TRAINING_ONLY, AGAINST = "scored", "training only", "against"


@dataclass(frozen=True)
class Check:
    """One check of a corpus.

    Attributes:
        name: what is checked, in a few words.
        found: what stands in the corpus; in a check that was skipped, why.
        limit: what there should be.
        passed: None when the check was skipped.
        examples: the first few things that are beyond the limit, or nearest to it.
    """

    name: str
    found: str
    limit: str
    passed: bool | None
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Limits:
    """What a corpus should keep to; the checks below say what each number means."""

    sequence_words: int
    sequence_share: float
    sequence_spared: int
    similarity: float
    similarity_characters: int
    shortest: int
    longest: int
    frame_voice: int
    case_side: int
    register_share: float
    side_ratio: float
    side_sentences: int
    set_sentences: int
    set_labels: int
    set_share: float


def skipped(name: str, why: str) -> Check:
    """Return a check that was not made."""
    return Check(name, why, "", None)


def no_value(column: str) -> str:
    """Return why a check that needs a column was skipped."""
    return f"no sentence has the column {column!r}"


def check_sequences(texts: Sequence[str], *, words: int, share: float, spared: int) -> Check:
    """Check that no sequence of words stands in too many sentences.

    Args:
        texts: n sentences.
        words: in a sequence.
        share: of the sentences that may have the same one.
        spared: number of sentences that may have it in any case, as in a corpus of fifty.
    """
    most = max(spared, int(share * len(texts)))
    table = repeated_sequences(texts, words).head(SHOWN)
    rows = [f"{number} sentences: {sequence}" for sequence, number in table.iter_rows()]
    return Check(
        f"the same {words} words",
        rows[0] if rows else "in no two sentences",
        f"in at most {most} of {len(texts)} sentences",
        not rows or table["sentences"][0] <= most,
        tuple(rows),
    )


def check_lengths(ids: Sequence[str], texts: Sequence[str], *, shortest: int, longest: int) -> Check:
    """Check that every training-only sentence has a number of words in between."""
    name = "words in a training-only sentence"
    if not texts:
        return skipped(name, "there is no such sentence")
    words = np.array([len(text.split()) for text in texts])
    beyond = np.flatnonzero((words < shortest) | (words > longest))
    return Check(
        name,
        f"{words.min()} to {words.max()}; {len(beyond)} sentence(s) beyond the limit",
        f"{shortest} to {longest}",
        not len(beyond),
        tuple(f"{ids[row]}: {words[row]} words: {texts[row]}" for row in beyond[:SHOWN]),
    )


def check_at_least(name: str, counts: dict[str, int], at_least: int) -> Check:
    """Check that every count reaches the limit."""
    ordered = sorted(counts.items(), key=lambda item: (item[1], item[0]))
    label, fewest = ordered[0]
    below = [(label, number) for label, number in ordered if number < at_least]
    return Check(
        name,
        f"{fewest} ({label})" + (f"; {len(below)} of {len(counts)} below the limit" if below else ""),
        f"at least {at_least} sentences",
        not below,
        tuple(f"{label}: {number} sentences" for label, number in (below or ordered)[:SHOWN]),
    )


def check_shares(column: str, values: Sequence[str], share: float) -> Check:
    """Check that every value of a column has a share of the sentences."""
    name = f"every {column}"
    if not values:
        return skipped(name, no_value(column))
    counts = sorted(Counter(values).items(), key=lambda item: (item[1], item[0]))
    shares = [(value, number / len(values)) for value, number in counts]
    below = [value for value, part in shares if part < share]
    return Check(
        name,
        f"{shares[0][1]:.1%} ({shares[0][0]})" + (f"; {len(below)} below the limit" if below else ""),
        f"at least {share:.1%} of the sentences",
        not below,
        tuple(f"{value}: {part:.1%}" for value, part in shares[:SHOWN]),
    )


def check_cases(cases: Sequence[str], at_least: int) -> Check:
    """Check that every borderline case, such as `negation`, has sentences on either side (`+` and `-`)."""
    name = "either side of a borderline case"
    if not cases:
        return skipped(name, no_value("case"))
    counts = Counter(cases)
    sides = {case.rstrip("+-") + side: 0 for case in counts for side in "+-"}
    return check_at_least(name, sides | counts, at_least)


def check_sets(
    sets: Sequence[str], labels: Sequence[str], *, sentences: int, different: int, share: float
) -> Check:
    """Check that every set tells its event often, and in different ways.

    Args:
        sets: the set of every sentence.
        labels: its frames, as one text.
        sentences: that a set has at least.
        different: frames that a set should have at least.
        share: of the sets that do.
    """
    title = "sets that tell one event again and again"
    if not sets:
        return skipped(title, no_value("set_id"))
    members: dict[str, list[str]] = {}
    for name, label in zip(sets, labels, strict=True):
        members.setdefault(name, []).append(label)
    smallest, size = min(((name, len(own)) for name, own in members.items()), key=lambda item: item[1])
    alike = [name for name, own in members.items() if len(set(own)) < different]
    part = 1 - len(alike) / len(members)
    return Check(
        title,
        f"{len(members)} sets; the smallest has {size} ({smallest}); {part:.1%} have {different} labels",
        f"at least {sentences} sentences a set; in {share:.0%} of the sets at least {different} labels",
        size >= sentences and part >= share,
        tuple(f"{name}: {len(set(members[name]))} labels" for name in alike[:SHOWN]),
    )


def check_apart(scored: Sequence[tuple[str, str]], training_only: Sequence[tuple[str, str]]) -> Check:
    """Check that no sentence (id and text) that is only learned from is scored too."""
    name = "training-only sentences that are scored"
    if not training_only:
        return skipped(name, "there is no such sentence")
    ids, texts = ({row[part] for row in scored} for part in (0, 1))
    both = [name for name, text in training_only if name in ids or text in texts]
    return check_none(name, len(both), both)


def check_none(name: str, number: int, told: Sequence[str]) -> Check:
    """Check that there is nothing of a kind; otherwise how much there is, and what."""
    return Check(name, str(number), "none", not number, tuple(told[:SHOWN]))


@dataclass(frozen=True, eq=False)
class Compared:
    """Sentences among which near-duplicates are looked for.

    Attributes:
        ids: of n sentences.
        texts: the sentences.
        groups: the group of each: `SCORED`, `TRAINING_ONLY` or `AGAINST`, which come last.
    """

    ids: Sequence[str]
    texts: Sequence[str]
    groups: NDArray[np.str_]


def check_near_duplicates(compared: Compared, *, characters: int, threshold: float) -> list[Check]:
    """Check that no two sentences are nearly the same.

    Args:
        compared: the corpus, and sentences that it must not hold.
        characters: in the runs whose similarity (Jaccard) is measured.
        threshold: similarity above which two sentences are near-duplicates.

    Returns:
        A check inside the corpus, and where there are such sentences one between those that are scored and
        those that are only learned from, and one with the sentences that it must not hold.
    """
    group = compared.groups
    corpus = group != AGAINST
    found = near_duplicates(
        compared.texts, characters=characters, threshold=threshold, compared=int(corpus.sum())
    )
    limit = f"none with a similarity above {threshold:g}"
    sides = [("near-duplicates in the corpus", corpus, corpus)]
    if (group == TRAINING_ONLY).any():
        name = "near-duplicates, scored and training-only"
        sides.append((name, group == SCORED, group == TRAINING_ONLY))
    if (group == AGAINST).any():
        sides.append(("near-duplicates of sentences in against", corpus, group == AGAINST))
    checks = []
    for name, one, other in sides:
        close = int((found.near(other) & one).sum())
        told = f"{close} sentence(s)"
        checks.append(Check(name, told, limit, not close, _pairs(compared, found, one, other)))
    return checks


def _pairs(
    compared: Compared, found: NearDuplicates, one: NDArray[np.bool_], other: NDArray[np.bool_]
) -> tuple[str, ...]:
    """Return the first pairs with a sentence on either side."""
    first, second = (found.pairs[column].to_numpy() for column in ("first", "second"))
    rows = np.flatnonzero((one[first] & other[second]) | (other[first] & one[second]))[:SHOWN]
    return tuple(
        f"{found.pairs['similarity'][int(row)]:.2f}: "
        + " | ".join(f"{compared.ids[place]}: {compared.texts[place]}" for place in (first[row], second[row]))
        for row in rows
    )
