"""Who acts, where, and in quotation marks or not: what a choice of words is asked, by patterns.

No parser is used. A choice has the text before it and the text after it, each as far as its clause goes and
at most 160 characters. A clause ends at . ; : | ! ? an ellipsis or a dash between blanks, not at a comma.

Agent, the first of these that fits:
    1. a hyphen compound: "Russian-occupied", "Ukrainian-held";
    2. of a noun: "by" an actor after it ("the seizure of the town by"), or its owner, with at most one word
       between ("Russia's capture of", "the Russian army's quick capture of");
    3. of the passive: "by" an actor ("was captured by");
    4. an actor right before, with nothing but auxiliaries and adverbs between: "Kyiv has now liberated";
    5. an adjective or an actor before what is no participle, alone or with the name of a weapon between: "a
       Ukrainian drone strike on", "Russian shelling", "Kyiv's missile attack on";
    6. the owner of a plan ("Ukrainian attempts to retake");
    7. of a participle: "by" an actor ("Kherson captured by");
    8. the nearest actor before it in the clause, where the choice goes on with its verb: behind "and", "to"
       or a comma, and for a form in -ing behind "while", "after" and the like. Actors behind a preposition
       ("in Ukraine", "against Russian forces") or with an apostrophe s are not actors of the verb.
       Opponents of a side ("anti-Putin Russians", "Ukrainian anti-Kyiv militia") are no actor of either side.

After "by" at most two words may stand before the actor. Either side has the same list of names, but for its
own units and men; "enemy", "occupiers" and the like without a name are an agent of their own.

Place: the nearest place after the choice, with up to 8 words between; if there is none, the nearest before it
that is no name of an actor too. Of the passive the nearest before it goes first ("Kherson was liberated").
"by" or "from" a name, and a name that "says", are no place.

Found: plain headline English, active and passive, denied and planned as well ("did not capture").
Missed: pronouns, actors in another clause, with more words between them and the verb ("Russian forces near
Kherson captured") or with words between commas ("Russian forces, he said, captured"), who gives an order
("Putin ordered the capture of"), names that are not in the file.
Wrong: sentences where another actor stands in between ("Russian forces pushed the AFU out and seized"); of
two that act together only the nearer counts ("Russian and Ukrainian forces captured"); a capital that is
the place of what is told ("the Moscow attack", "Kyiv liberated 80 years ago"); a coined word beside the
name of the other side ("Russian Ukronazis captured": Ukraine; "Ukrainian rashists captured": Russia).
"""

from collections.abc import Mapping

import polars as pl

from framing.evaluation.lexicon.alternation_file import Alternations

REACH = 160
"""Characters before and after a choice that are looked at."""

CLAUSE_END = r"[;:|!?…•▫🔹⚡]|\s[-–—]+\s"
ABBREVIATION = (
    r"\b((?i:st|gen|col|lt|maj|capt|cmdr|adm|sgt|mr|mrs|ms|dr|prof|sen|rep|gov|pres|vs|approx|"
    r"jan|feb|aug|sept|oct|nov|dec)|[A-Z])\.(\s)"
)
ACTOR, ADJECTIVE, PLACE = "actoractor", "adjectiveadjective", "placeplace"
"""What names are replaced by, with the number of their side or country, before patterns are looked for."""

OPPOSED = rf"\b(?:anti|non)-(?:{ACTOR}|{ADJECTIVE})\d+"
OPPONENTS = (
    rf"(?:(?:{ACTOR}|{ADJECTIVE})\d+\s+)?{OPPOSED}"
    rf"(?:\s+(?:{ACTOR}|{ADJECTIVE})\d+|\s+(?:militias?|fighters?|forces|groups?|rebels?|partisans?|volunteers?|units?))"
)
"""Who fights against a side is not that side, though its name is on both ends: "anti-Putin Russians"."""

ADVERBS = (
    r"(?:also|now|already|just|fully|completely|again|successfully|reportedly|largely|partly|partially|almost|"
    r"briefly|recently|finally|officially|temporarily|illegally|quickly|later|not|never|since|allegedly)"
)
AUXILIARIES = (
    r"(?:has|have|had|having|will|would|could|may|might|can|cannot|must|should|to|is|are|was|were|begins?|began|"
    r"says|said|claims?|claimed|it|they|did|does|do|vows?|tries|tried|wants?|plans?|continues?|continued)"
)
PASSIVE = rf"\b(?:is|are|was|were|be|been|being|gets?|got|remains?|stays?|stayed)\W+(?:{ADVERBS}\W+){{0,2}}$"
PREPOSITIONS = (
    r"(?:in|of|from|against|to|with|near|on|for|inside|into|across|over|at|between|by|about|towards?|outside|"
    r"around|within|under|despite)"
)
QUALIFIERS = (
    r"(?:the|eastern|southern|northern|western|central|all|most|some|more|invading|advancing|its|their)"
)
BODIES = r"(?:forces|army|troops|military|units?|servicemen|soldiers|ministry|president|government)"
EVENTS = r"(?:war|conflict|crisis|invasion|operation|news|latest|live|updates?|map)"
SAYS = r"(?:says?|said|claims?|claimed|reports?|reported|announces?|announced|confirms?|confirmed)"
PLANS = r"(?:attempts?|plans?|operations?|efforts?|bids?|push|drive|promises?|vows?|readiness|failure|try)"
WEAPONS = (
    r"(?:missile|rocket|drone|uav|air|artillery|mortar|military|army|troop|terrorist|deadly|massive|new)"
)
STATE_NOUNS = r"(?:region|oblast|province|city|town|village|settlement|area|district|airport|plant)"


def quoted() -> pl.Expr:
    """Return whether a choice stands inside quotation marks, from the columns `before` and `after`."""
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
        found: one row a choice, with `text`, `start` and `end` (characters), and `wants_agent`,
            `wants_place`: whether its set asks for that slot.
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
    joined = whole.with_row_index("choice").join(
        sides.select("choice", "agent", "place"), on="choice", how="left"
    )
    return (
        joined.sort("choice")
        .with_columns(agent=pl.when("wants_agent").then("agent"), place=pl.when("wants_place").then("place"))
        .drop("choice", "before", "after", "chosen")
    )


def _clauses(sides: pl.DataFrame) -> pl.DataFrame:
    """Cut what is before and after a choice at the borders of its clause; lower case, plain apostrophes."""
    before, after = (_without_points(each) for each in ("before", "after"))
    before = before.str.tail(REACH).str.replace(rf"(?s)^.*(?:{CLAUSE_END}|\w{{3}}\.\s)", "")
    after = after.str.head(REACH).str.replace(rf"(?s)(?:{CLAUSE_END}|\.\s|\.$).*$", "")
    plain = [each.str.to_lowercase().str.replace_all("[’ʼ‘]", "'") for each in (before, after)]
    return sides.with_columns(before=plain[0], after=plain[1], chosen=pl.col("chosen").str.to_lowercase())


def _without_points(column: str) -> pl.Expr:
    """Return a text without the points of abbreviations and initials, which end no clause."""
    return pl.col(column).str.replace_all(ABBREVIATION, "${1}${2}")


def _shape() -> pl.Expr:
    """Return "noun", "passive" or "verb"."""
    before, after, chosen = pl.col("before"), pl.col("after"), pl.col("chosen")
    owned = before.str.contains(r"(?:^|\s)(?:the|a|an|this|its|their|full|complete|illegal)\s+$|'s?\s+$")
    noun = (
        after.str.contains(r"^\s+of\b")
        | chosen.str.contains(r"(?:tion|sion|seizure|conquest)$")
        | (owned & ~chosen.str.contains(r"(?:ed|ing)$"))
    )
    passive = before.str.contains(PASSIVE) & _participle()
    return pl.when(noun).then(pl.lit("noun")).when(passive).then(pl.lit("passive")).otherwise(pl.lit("verb"))


def _acted(sides: pl.DataFrame, alternations: Alternations) -> pl.DataFrame:
    """Add the column `agent`."""
    actors, adjectives = alternations.actors, alternations.adjectives
    if not actors:
        return sides.with_columns(agent=pl.lit(None, pl.String))
    marked = sides.select("choice", "shape", "chosen", "before", "after")
    # A headline's passive has its place right before: "Kherson captured".
    at_place = _marked(pl.col("before"), alternations.places, PLACE).str.contains(
        rf"{PLACE}\d+(?:\s+{STATE_NOUNS})?\s+(?:{ADVERBS}\s+)?$"
    )
    marked = marked.with_columns(headline=at_place & _participle())
    numbers = {side: number for number, side in enumerate(dict.fromkeys([*actors, *adjectives]))}
    for column in ("before", "after"):
        named = _marked(pl.col(column), actors, ACTOR, numbers)
        marked = marked.with_columns(_marked(named, adjectives, ADJECTIVE, numbers).alias(column))
    marked = marked.with_columns(agent=_agent().cast(pl.UInt32).replace_strict(
        list(numbers.values()), list(numbers), default=None, return_dtype=pl.String
    ))  # fmt: skip
    return sides.join(marked.select("choice", "agent"), on="choice", how="left")


def _agent() -> pl.Expr:
    """Return the number of the side that acts, as text, from texts in which the names are marked."""
    before, after, shape = pl.col("before"), pl.col("after"), pl.col("shape")
    either = rf"(?:{ACTOR}|{ADJECTIVE})(\d+)"
    before, after = (each.str.replace_all(OPPONENTS, " opponents ") for each in (before, after))
    before, after = (each.str.replace_all(OPPOSED, " ") for each in (before, after))
    compound = before.str.extract(rf"{either}[-‐‑–]$")
    beside = before.str.extract(rf"{ACTOR}(\d+)[,'\s]+(?:(?:{AUXILIARIES}|{ADVERBS})\W+){{0,4}}$")
    owner = before.str.extract(rf"(?:{ACTOR}(\d+)'s?|{ADJECTIVE}(\d+))\s+(?:[^\s,]+\s+)?$", 1)
    owner = pl.coalesce(owner, before.str.extract(rf"{ADJECTIVE}(\d+)\s+(?:[^\s,]+\s+)?$"))
    owner = pl.coalesce(owner, before.str.extract(rf"{ACTOR}(\d+)\s+$"))
    of_army = before.str.extract(rf"{ADJECTIVE}(\d+)\s+(?:{WEAPONS}\s+)?$")
    of_army = pl.coalesce(of_army, before.str.extract(rf"{ACTOR}(\d+)'s?\s+(?:{WEAPONS}\s+)?$"))
    planned = before.str.extract(rf"{either}(?:'s?)?\s+(?:[^\s,]+\s+)?{PLANS}\s+to\s+$")
    by = after.str.extract(rf"^[^,]*?\bby\s+(?:[^\s,]+\s+){{0,2}}?{either}")
    subject = _subjects(before).str.extract(rf"(?s)^.*{ACTOR}(\d+)(?:[^\w']|'[^\ws]|'?$)")
    return (
        pl.when(compound.is_not_null()).then(compound)
        .when(shape == "noun").then(pl.coalesce(by, owner))
        .when(shape == "passive").then(by)
        .when(beside.is_not_null()).then(beside)
        .when(of_army.is_not_null() & ~_participle())
        .then(of_army)
        .when(planned.is_not_null()).then(planned)
        .when("headline").then(by)
        .when(_participle() & by.is_not_null()).then(by)
        .when(_goes_on()).then(subject)
    )  # fmt: skip


def _participle() -> pl.Expr:
    return pl.col("chosen").str.contains(r"(?:ed|en|struck)$")


def _goes_on() -> pl.Expr:
    """Return whether a verb continues what its actor was said to do before."""
    adverb = rf"(?:{ADVERBS}\s+)?$"
    before = pl.col("before")
    # "Visitors see Kyiv, liberated suburbs" and "brings death to occupied towns" go on with no verb.
    coordinated = before.str.contains(rf"\b(?:and|then)\s+{adverb}")
    coordinated = coordinated | (before.str.contains(rf"(?:\bto|,)\s+{adverb}") & ~_participle())
    gerund = before.str.contains(rf"\b(?:while|after|before|in|for|of|from|by|at|on|when)\s+{adverb}")
    return coordinated | (gerund & pl.col("chosen").str.contains("ing$"))


def _subjects(before: pl.Expr) -> pl.Expr:
    """Blank the actors that are no subject: behind a preposition, or part of the name of an event."""
    kept = rf"{BODIES}\s+of\s+(?:the\s+)?{ACTOR}\d+"
    behind = rf"\b{PREPOSITIONS}\s+(?:{QUALIFIERS}\s+){{0,2}}{ACTOR}\d+"
    return before.str.replace_all(rf"({kept})|{behind}|{ACTOR}\d+\s+{EVENTS}\b", "${1}")


def _located(sides: pl.DataFrame, alternations: Alternations) -> pl.DataFrame:
    """Add the column `place`."""
    places = alternations.places
    if not places:
        return sides.with_columns(place=pl.lit(None, pl.String))
    actors = "|".join(alternations.actors.values()) or "nobody"
    names = "|".join([actors, *alternations.adjectives.values()])
    before, after = pl.col("before"), pl.col("after")
    # "by Ukraine", "from Russia", "Kyiv says" are no places of the action; names stand between signs.
    name = "\x02[^\x02\x03]*\x03"
    no_place = rf"\b(?:by|from)\s+(?:[^\s,\x02]+\s+){{0,2}}{name}|{name}\s+{SAYS}\b"
    after = after.str.replace_all(names, "\x02${0}\x03").str.replace_all(no_place, " ")
    after = after.str.replace_all("[\x02\x03]", "")
    marked = sides.select(
        "choice",
        "shape",
        _marked(before, places, PLACE).alias("before"),
        _marked(after, places, PLACE).alias("after"),
        # Kyiv and Moscow act more often than they are acted on.
        _marked(before.str.replace_all(actors, " "), places, PLACE).alias("others"),
    )
    following = after.str.extract(rf"^\W*(?:\S+\s+){{0,8}}?\W*?{PLACE}(\d+)")
    preceding, others = (pl.col(each).str.extract(rf"(?s)^.*{PLACE}(\d+)") for each in ("before", "others"))
    passive = pl.col("shape") == "passive"
    place = pl.when(passive).then(pl.coalesce(preceding, following)).otherwise(pl.coalesce(following, others))
    marked = marked.with_columns(place=place.cast(pl.UInt32).replace_strict(
        list(range(len(places))), list(places), default=None, return_dtype=pl.String
    ))  # fmt: skip
    return sides.join(marked.select("choice", "place"), on="choice", how="left")


def _marked(
    text: pl.Expr, names: Mapping[str, str], mark: str, numbers: Mapping[str, int] | None = None
) -> pl.Expr:
    """Replace names by the mark and the number of what they are a name of."""
    for place, (value, pattern) in enumerate(names.items()):
        text = text.str.replace_all(pattern, f"{mark}{numbers[value] if numbers else place}")
    return text
