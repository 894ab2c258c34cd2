"""Who acts, where, and in quotation marks or not: what a choice of words is asked, by patterns.

No parser is used. A choice has the text before it and the text after it, each as far as its clause goes.

Agent, the first of these that fits:
    1. a hyphen compound: "Russian-occupied", "Ukrainian-held";
    2. an actor right before, with nothing but auxiliaries and adverbs between: "Kyiv has now liberated";
    3. the owner of a noun: "Russia's capture of", "the Ukrainian liberation of";
    4. "by" an actor after it: "was captured by", "the seizure of the town by";
    5. the nearest actor before it in the clause, unless the choice is a noun or in the passive. Actors behind a
       preposition ("in Ukraine", "against Russian forces") or with an apostrophe s are not actors of the verb.
Place: the nearest place after the choice, within 8 words; before it for the passive ("Kherson was liberated"),
or if there is none after it.

Found: plain headline English, active and passive. Missed: pronouns, actors in another clause, names that are
not in the file. Wrong: sentences where another actor stands between the one who acts and the verb ("Russian
forces pushed the AFU out and seized ..."), and what somebody denies or only plans, which counts as said.
"""

import re
from collections.abc import Mapping

import polars as pl

from framing.evaluation.lexicon.alternation_file import Alternations

REACH = 160
"""Characters before and after a choice that are looked at."""

CLAUSE_END = r"[;:|!?…•▫🔹⚡]|\s[-–—]+\s"
ADVERBS = (
    r"(?:also|now|already|just|fully|completely|again|successfully|reportedly|largely|partly|partially|almost|"
    r"briefly|recently|finally|officially|temporarily|illegally|quickly|later|not|never|since|allegedly)"
)
AUXILIARIES = (
    r"(?:has|have|had|having|will|would|could|may|might|can|cannot|must|should|to|is|are|was|were|begins?|began|"
    r"says|said|claims?|claimed|it|they|did|does|do|vows?|tries|tried|wants?|plans?|continues?|continued)"
)
PASSIVE = rf"(?i)\b(?:is|are|was|were|be|been|being|gets?|got|remains?|stays?|stayed)\W+(?:{ADVERBS}\W+){{0,2}}$"
PREPOSITIONS = (
    r"(?:in|of|from|against|to|with|near|on|for|inside|into|across|over|at|between|by|about|towards?|outside|"
    r"around|within|under|despite)"
)
QUALIFIERS = r"(?:the|eastern|southern|northern|western|central|all|most|some|more|invading|advancing|its|their)"
BODIES = r"(?:forces|army|troops|military|units?|servicemen|soldiers|ministry|president|government)"
EVENTS = r"(?:war|conflict|crisis|invasion|operation|news|latest|live|updates?|map)"
SAYS = r"(?:says?|said|claims?|claimed|reports?|reported|announces?|announced|confirms?|confirmed)"
STATE_NOUNS = r"(?:region|oblast|province|city|town|village|settlement|area|district|airport|plant)"

INSIDE = r"(?:[^“”«»]|\w[’']\w)"


def quoted() -> pl.Expr:
    """Return whether a choice stands inside quotation marks, from the columns `before` and `after` (texts)."""
    before, after = pl.col("before"), pl.col("after")
    straight = (before.str.count_matches('"', literal=True) % 2 == 1) & after.str.contains('"', literal=True)
    pairs = [
        (r"[“„][^“”„]*$", r"^[^“„]*?[”“]"),
        (r"«[^«»]*$", r"^[^«»]*»"),
        (r"‘(?:[^‘’]|\w’\w|s’\s)*$", r"^(?:[^‘’]|\w’\w)*’"),
        (r"(?:^|[\s(])'(?:[^']|\w'\w)*$", r"^(?:[^']|\w'\w)*'(?:[\s.,;:!?)]|$)"),
    ]
    found = straight
    for opening, closing in pairs:
        found = found | (before.str.contains(opening) & after.str.contains(closing))
    return found.alias("quoted")


def with_slots(found: pl.DataFrame, alternations: Alternations) -> pl.DataFrame:
    """Add the columns `agent` and `place` (null where not found) and `quoted`.

    Args:
        found: one row a choice, with `text`, `start` and `end` (characters), and `wants_agent`, `wants_place`:
            whether its set asks for that slot.
        alternations: the names of actors and places.
    """
    start, end = pl.col("start"), pl.col("end")
    whole = found.with_columns(
        before=pl.col("text").str.slice(0, start),
        after=pl.col("text").str.slice(end),
        chosen=pl.col("text").str.slice(start, end - start),
    ).with_columns(quoted())
    asked = pl.col("wants_agent") | pl.col("wants_place")
    sides = whole.with_row_index("choice").filter(asked).select("choice", "before", "after", "chosen")
    sides = _clauses(sides).with_columns(shape=_shape())
    sides = _located(_acted(sides, alternations), alternations)
    joined = whole.with_row_index("choice").join(sides.select("choice", "agent", "place"), on="choice", how="left")
    return joined.sort("choice").with_columns(
        agent=pl.when("wants_agent").then("agent"), place=pl.when("wants_place").then("place")
    ).drop("choice", "before", "after", "chosen")


def _clauses(sides: pl.DataFrame) -> pl.DataFrame:
    """Cut what is before and after a choice at the borders of its clause."""
    before = pl.col("before").str.tail(REACH).str.replace(rf"(?s)^.*(?:{CLAUSE_END}|\w{{3}}\.\s)", "")
    after = pl.col("after").str.head(REACH).str.replace(rf"(?s)(?:{CLAUSE_END}|\.\s|\.$).*$", "")
    return sides.with_columns(before=before, after=after)


def _shape() -> pl.Expr:
    """Return "noun", "passive" or "verb"."""
    owned = pl.col("before").str.contains(r"(?i)(?:\b(?:the|a|an|this|its|their|full|complete|illegal)|['’]s?)\s+$")
    noun = (
        pl.col("after").str.contains(r"(?i)^\s+of\b")
        | pl.col("chosen").str.contains(r"(?i)(?:tion|ure)$") & ~pl.col("chosen").str.contains(r"(?i)capture$")
        | owned & ~pl.col("chosen").str.contains(r"(?i)(?:ed|ing)$")
    )
    passive = pl.col("before").str.contains(PASSIVE) & pl.col("chosen").str.contains(r"(?i)(?:ed|en|d)$")
    return pl.when(noun).then(pl.lit("noun")).when(passive).then(pl.lit("passive")).otherwise(pl.lit("verb"))


def _acted(sides: pl.DataFrame, alternations: Alternations) -> pl.DataFrame:
    """Add the column `agent`."""
    actor, adjective = _union(alternations.actors), _union(alternations.adjectives)
    if not actor:
        return sides.with_columns(agent=pl.lit(None, pl.String))
    either = f"(?:{actor}|{adjective})" if adjective else actor
    place = _union(alternations.places) or r"\bnowhere\b"
    before, after, shape = pl.col("before"), pl.col("after"), pl.col("shape")
    compound = before.str.extract(rf"(?i)({either})[-‐‑–]$")
    beside = before.str.extract(rf"(?i)({actor})[,’'\s]+(?:(?:{AUXILIARIES}|{ADVERBS})\W+){{0,4}}$")
    owner = before.str.extract(rf"(?i)({either})(?:['’]s?)?\s+(?:[^\s,]+\s+){{0,1}}$")
    by = after.str.extract(rf"(?i)^[^,]*?\bby\s+(?:[^\s,]+\s+){{0,2}}?({either})")
    headline = before.str.contains(rf"(?i){place}(?:\s+{STATE_NOUNS})?\s+(?:{ADVERBS}\s+)?$")
    headline = headline & pl.col("chosen").str.contains(r"(?i)(?:ed|en)$")
    # What follows an actor must not make it the owner of something else: "Ukraine's Kherson".
    subject = _subjects(before, actor).str.extract(rf"(?is)^.*({actor})(?:[^\w'’]|['’][^\ws]|['’]?$)")
    verb = pl.when(headline).then(pl.coalesce(by, pl.lit(None, pl.String))).otherwise(pl.coalesce(by, subject))
    named = (
        pl.when(compound.is_not_null()).then(compound)
        .when(shape == "noun").then(pl.coalesce(by, owner))
        .when(shape == "passive").then(by)
        .when(beside.is_not_null()).then(beside)
        .otherwise(verb)
    )  # fmt: skip
    return _classified(sides.with_columns(agent=named), "agent", alternations.actors, alternations.adjectives)


def _subjects(before: pl.Expr, actor: str) -> pl.Expr:
    """Blank the actors that are no subject: behind a preposition, or part of the name of an event."""
    kept = rf"{BODIES}\s+of\s+(?:the\s+)?{actor}"
    behind = rf"\b{PREPOSITIONS}\s+(?:{QUALIFIERS}\s+){{0,2}}{actor}"
    return before.str.replace_all(rf"(?i)({kept})|{behind}|{actor}\s+{EVENTS}\b", "${1}")


def _located(sides: pl.DataFrame, alternations: Alternations) -> pl.DataFrame:
    """Add the column `place`."""
    place, actor = _union(alternations.places), _union(alternations.actors)
    if not place:
        return sides.with_columns(place=pl.lit(None, pl.String))
    either = "|".join(each for each in (actor, _union(alternations.adjectives)) if each) or r"\bnobody\b"
    # "by Ukraine", "from Russia", "Kyiv says" are no places of the action.
    no_place = rf"(?i)\b(?:by|from)\s+(?:[^\s,]+\s+){{0,2}}?(?:{either})|(?:{either})\s+{SAYS}\b"
    after = pl.col("after").str.replace_all(no_place, " ")
    following = after.str.extract(rf"(?i)^\W*(?:\S+\s+){{0,8}}?\W*?({place})")
    preceding = pl.col("before").str.extract(rf"(?is)^.*({place})")
    others = pl.col("before").str.replace_all(rf"(?i){actor or either}", " ")
    without_actors = others.str.extract(rf"(?is)^.*({place})")
    told = (
        pl.when(pl.col("shape") == "passive").then(pl.coalesce(preceding, following))
        .otherwise(pl.coalesce(following, without_actors))
    )  # fmt: skip
    return _classified(sides.with_columns(place=told), "place", alternations.places, {})


def _classified(
    sides: pl.DataFrame, column: str, first: Mapping[str, str], second: Mapping[str, str]
) -> pl.DataFrame:
    """Replace names in a column by what they are a name of; names are few, so Python may look."""
    patterns = [
        (value, re.compile(pattern, re.IGNORECASE))
        for values in (first, second)
        for value, pattern in values.items()
    ]
    known: dict[str, str] = {}
    for name in sides[column].drop_nulls().unique():
        known[name] = next(value for value, pattern in patterns if pattern.fullmatch(name))
    return sides.with_columns(pl.col(column).replace_strict(known, default=None, return_dtype=pl.String))


def _union(expressions: Mapping[str, str]) -> str:
    return "(?:" + "|".join(expressions.values()) + ")" if expressions else ""
