"""How evenly terms are spread, and whether intervals and p hold what they promise."""

from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from framing.build_lexicon import AT_LEAST, LARGEST_SEED, build_lexicon_settings
from framing.core.errors import FramingError
from framing.evaluation.lexicon import measures
from framing.evaluation.lexicon.comparison import effects
from framing.evaluation.lexicon.measures import Prior
from framing.evaluation.lexicon.permutation import permutation
from framing.evaluation.lexicon.resampling import WEIGHTS, poisson_weights, uniform_bits
from framing.evaluation.lexicon.strata import contrast
from framing.evaluation.lexicon.tables import Lexicon
from tests.lexicon_corpora import lexicon, sentences, settings, sides, topical

PRIOR = Prior(500.0, 0.5)


def test_the_weights_of_the_bootstrap_are_poisson():
    weights = poisson_weights(np.arange(4000), 250, 0)
    assert WEIGHTS.mean() == pytest.approx(1, abs=1e-3)
    assert WEIGHTS.var() == pytest.approx(1, abs=2e-3)
    assert weights.mean() == pytest.approx(1, abs=0.005)
    assert weights.var() == pytest.approx(1, abs=0.01)
    for number, expected in enumerate((0.3679, 0.3679, 0.1839, 0.0613)):
        assert (weights == number).mean() == pytest.approx(expected, abs=0.003)


def test_draws_and_documents_are_independent_of_each_other():
    weights = poisson_weights(np.arange(3000), 40, 3)
    for correlation in (np.corrcoef(weights.T), np.corrcoef(weights[:40])):
        assert np.abs(correlation - np.eye(40)).max() < (0.1 if weights.T is correlation else 0.75)
    between_draws = np.corrcoef(weights.T) - np.eye(40)
    assert np.abs(between_draws).max() < 5 / 3000**0.5
    neighbours = np.corrcoef(weights[:-1].ravel(), weights[1:].ravel())[0, 1]
    assert abs(neighbours) < 0.015


def test_the_weight_of_a_document_depends_on_its_number_alone():
    order = np.random.default_rng(0).permutation(500)
    whole = poisson_weights(np.arange(500), 30, 5)
    np.testing.assert_array_equal(poisson_weights(order, 30, 5), whole[order])
    np.testing.assert_array_equal(poisson_weights(np.array([7, 8]), 30, 5), whole[[7, 8]])
    np.testing.assert_array_equal(poisson_weights(np.arange(500), 10, 5), whole[:, :10])
    assert (poisson_weights(np.arange(500), 30, 6) != whole).mean() > 0.5


def test_random_bits_are_half_ones_and_never_the_same():
    bits = uniform_bits(np.arange(20_000), 3, 1)
    assert len(np.unique(bits)) == bits.size
    ones = np.unpackbits(np.ascontiguousarray(bits).view(np.uint8)).mean()
    assert ones == pytest.approx(0.5, abs=0.002)


def repeated(draws: int, number: int = 150) -> Lexicon:
    """Two sources, every document with words of its own that it repeats."""
    generator = np.random.default_rng(8)
    counts = topical(generator, 2 * number, terms=120)
    names = np.array([f"w{term:03d}" for term in range(120)])
    rows = [
        ("xy"[document % 2], str(document), " ".join(np.repeat(names, own)))
        for document, own in enumerate(counts)
    ]
    return lexicon(sentences(rows), settings(ngrams=(1, 1), draws=draws, min_documents=20))


def test_the_bootstrap_interval_of_common_terms_is_the_clustered_interval():
    terms = repeated(600).terms.filter(pl.col("documents") > 60, pl.col("documents_other") > 60)
    assert terms.height > 10
    width = (terms["high"] - terms["low"]).to_numpy()
    for drawn, clustered in (("boot_low", "low"), ("boot_high", "high")):
        difference = (terms[drawn] - terms[clustered]).to_numpy() / width
        assert np.abs(difference).max() < 0.15
        assert np.abs(difference).mean() < 0.05


def test_no_draws_are_no_interval_and_a_word_that_one_side_lacks_has_none():
    assert repeated(0, 30).terms["boot_low"].is_null().all()
    rows = [("xy"[number % 2], str(number), f"war town {'xy'[number % 2]}") for number in range(60)]
    terms = lexicon(sentences(rows), settings(ngrams=(1, 1), draws=30)).terms
    lacking = terms.filter((pl.col("count") == 0) | (pl.col("count_other") == 0))
    assert set(lacking["term"]) == {"x", "y"}
    assert lacking["boot_low"].null_count() == lacking.height


def test_a_length_of_which_no_ngram_is_frequent_is_drawn_all_the_same():
    rows = [("xy"[n % 2], str(n), f"war w{n}") for n in range(60)]
    terms = lexicon(sentences(rows), settings(ngrams=(1, 3), min_count=5, draws=20)).terms
    assert terms["term"].to_list() == ["war"]
    assert terms["boot_low"].null_count() == 0


def test_the_deviation_of_proportions_of_gries_example():
    """Gries (2008), sec. 2: five parts of 9, 10, 10, 10, 11 words with 1 to 5 times "a"; DP = 0.18."""
    sizes = (9, 10, 10, 10, 11)
    rows = [("x", str(part), "a " * (part + 1) + "b " * (size - part - 1)) for part, size in enumerate(sizes)]
    terms = lexicon(sentences([*rows, ("y", "0", "a b")]), settings(ngrams=(1, 1))).terms
    assert terms.filter(pl.col("term") == "a")["dp"][0] == pytest.approx(0.18)


def test_the_deviation_of_proportions_is_that_of_its_definition():
    generator = np.random.default_rng(9)
    counts = topical(generator, 40, terms=30)
    names = np.array([f"w{term:02d}" for term in range(30)])
    rows = [("xy"[d % 2], str(d), " ".join(np.repeat(names, own))) for d, own in enumerate(counts)]
    terms = lexicon(sentences(rows), settings(ngrams=(1, 1))).terms
    for row in terms.iter_rows(named=True):
        for name, own in (("dp", counts[0::2]), ("dp_other", counts[1::2])):
            column = own[:, int(row["term"][1:])]
            if not column.sum():
                assert row[name] is None
                continue
            expected = np.abs(column / column.sum() - own.sum(axis=1) / own.sum()).sum() / 2
            assert row[name] == pytest.approx(expected)


def a_and_a(seed: int, sizes: list[tuple[int, int]], repeats: int) -> np.ndarray:
    """p of terms in 20 documents or more where nothing differs within strata of such sizes."""
    generator = np.random.default_rng(seed)
    found = []
    for _ in range(repeats):
        pairs = []
        for one, other in sizes:
            order = generator.permutation(one + other) < one
            documents = topical(generator, one + other, terms=500)
            # Strata differ in what is frequent.
            shift = generator.integers(0, 40) if len(sizes) > 1 else 0
            pairs.append(sides(np.roll(documents, shift, axis=1), order))
        both = contrast(pairs)
        tested = np.flatnonzero(both.raw_a.documents_with + both.raw_b.documents_with >= 20)
        a, b = both.a.at(tested), both.b.at(tested)
        found.append(effects(a, b, both.permutation.at(tested), enough=True, prior=PRIOR)["p"])
    return np.concatenate(found)


@pytest.mark.parametrize(
    "sizes", [[(150, 150)], [(60, 240)], [(60, 60), (60, 60)], [(30, 90), (90, 30)], [(1, 1)] * 150]
)
def test_p_is_uniform_where_nothing_differs(sizes):
    p = a_and_a(0, sizes, 10)
    assert len(p) > 300
    assert (p < 0.05).mean() == pytest.approx(0.04, abs=0.02)
    assert (p < 0.2).mean() == pytest.approx(0.17, abs=0.05)
    assert (p < 0.5).mean() == pytest.approx(0.46, abs=0.09)


@pytest.mark.parametrize("documents", [20, 60])
def test_the_clustered_interval_holds_a_true_difference_nineteen_times_in_twenty(documents):
    """Of 2,000 intervals 95%, give or take 1.5, also with 20 documents a side, the fewest with inference."""
    generator = np.random.default_rng(11)
    held = []
    shares = np.array([0.02, 0.06, 0.92])
    for _ in range(1000):
        counts, truth = [], []
        for factor in (1.0, 1.6):
            own = shares * np.array([factor, 1.0, 1.0])
            own /= own.sum()
            lengths = np.maximum(20, generator.lognormal(5, 0.5, documents)).astype(int)
            tastes = generator.standard_gamma(40 * own, size=(documents, 3))
            counts.append(generator.multinomial(lengths, tastes / tastes.sum(axis=1, keepdims=True)))
            truth.append(np.log(own / (1 - own)))
        a, b = sides(np.vstack(counts), np.arange(2 * documents) < documents)
        delta, _ = measures.log_odds(a, b, Prior(1e-6, 0.0))
        error = measures.clustered_error(a, b, Prior(1e-6, 0.0))
        held.append(np.abs(delta - (truth[0] - truth[1]))[:2] <= measures.half_width(a, b) * error[:2])
    assert np.mean(held) == pytest.approx(0.95, abs=0.015)


@pytest.mark.slow
def test_p_is_uniform_where_nothing_differs_over_many_corpora():
    for sizes in ([(20, 20)], [(150, 150)], [(20, 400)], [(30, 90), (90, 30)]):
        p = a_and_a(5, sizes, 40)
        assert 0.02 < (p < 0.05).mean() < 0.06
        assert (p < 0.001).mean() < 0.0015


def test_permutation_and_wald_agree_for_common_terms():
    documents = topical(np.random.default_rng(12), 400, terms=300)
    a, b = sides(documents, np.arange(400) % 2 == 0)
    common = np.flatnonzero(a.documents_with + b.documents_with > 150)
    assert len(common) > 10
    np.testing.assert_allclose(measures.wald_z(a, b)[common], permutation(a, b).z()[common], atol=0.15)


@pytest.mark.parametrize("seed", [-1, 4096])
def test_a_seed_that_the_bootstrap_has_no_room_for_is_refused(seed: int) -> None:
    config = SimpleNamespace(ngrams=[1, 2], level=0.05, **AT_LEAST | {"seed": seed})
    with pytest.raises(FramingError, match=f"lexicon.seed={seed}: expected"):
        build_lexicon_settings(config)  # type: ignore[arg-type]


def test_seeds_up_to_the_largest_draw_differently() -> None:
    documents = np.arange(50)
    drawn = {uniform_bits(documents, 3, seed).tobytes() for seed in (0, 1, LARGEST_SEED)}
    assert len(drawn) == 3
