"""Every formula beside an oracle: scipy, the paper's formula written out, or numbers worked by hand."""

from itertools import combinations
from math import log, log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency, false_discovery_control, hypergeom

from framing.evaluation.lexicon import measures
from framing.evaluation.lexicon.measures import Prior
from framing.evaluation.lexicon.permutation import permutation
from framing.evaluation.lexicon.sums import Side
from tests.lexicon_corpora import sides, topical

AS_PUBLISHED = Prior(500.0, 0.0)
USUAL = Prior(500.0, 0.5)


@pytest.fixture(scope="module")
def documents() -> np.ndarray:
    return topical(np.random.default_rng(1), 80, terms=60)


@pytest.fixture(scope="module")
def in_a() -> np.ndarray:
    return np.random.default_rng(2).random(80) < 0.4


@pytest.fixture(scope="module")
def two(documents, in_a) -> tuple[Side, Side]:
    return sides(documents, in_a)


def one_term(count_a: float, length_a: float, count_b: float, length_b: float) -> tuple[Side, Side]:
    """Two sides of one document each."""

    def side(count: float, length: float) -> Side:
        c, n = np.array([float(count)]), np.array([float(length)])
        return Side(c, c**2, c * n, (c > 0).astype(float), n, n**2, 1.0, float(length), c)

    return side(count_a, length_a), side(count_b, length_b)


def fightin_words(count_a, count_b, prior):
    """Monroe, Colaresi & Quinn (2008), eq. 15, 16, 20 and 22, a word at a time, for counts and a prior."""
    n_a, n_b, a_0 = sum(count_a), sum(count_b), sum(prior)
    z = []
    for y_a, y_b, alpha in zip(count_a, count_b, prior, strict=True):
        omega_a = (y_a + alpha) / (n_a + a_0 - y_a - alpha)
        omega_b = (y_b + alpha) / (n_b + a_0 - y_b - alpha)
        variance = 1 / (y_a + alpha) + 1 / (y_b + alpha)
        z.append((log(omega_a) - log(omega_b)) / variance**0.5)
    return z


def test_without_a_least_prior_the_log_odds_are_fightin_words(two):
    a, b = two
    pooled = (a.count + b.count) / (a.length + b.length)
    seen = pooled > 0
    expected = fightin_words(a.count[seen], b.count[seen], 500 * pooled[seen])
    delta, error = measures.log_odds(a, b, AS_PUBLISHED)
    np.testing.assert_allclose((delta / error)[seen], expected)


def test_log_odds_of_a_hand_worked_case():
    # "war war peace" beside "peace peace town", prior of 6 words: a_war = 6 * 2/6 = 2
    a, b = sides(np.array([[2, 1, 0], [0, 2, 1]]), np.array([True, False]))
    delta, error = measures.log_odds(a, b, Prior(6.0, 0.0))
    assert delta[0] == pytest.approx(log(4 / 5) - log(2 / 7))
    assert error[0] == pytest.approx((1 / 4 + 1 / 2) ** 0.5)


def test_a_least_prior_has_the_share_of_both_sides():
    # 4 of 1,000: a prior of 10 words has .04 of it, less than .5; so it has .5, and 125 words.
    a, b = one_term(3, 200, 1, 800)
    delta, _ = measures.log_odds(a, b, Prior(10.0, 0.5))
    assert delta[0] == pytest.approx(log(3.5 / (200 + 125 - 3.5)) - log(1.5 / (800 + 125 - 1.5)))


@settings(deadline=None)
@given(
    st.integers(0, 50), st.integers(0, 50), st.integers(50, 10**6), st.integers(50, 10**6),
    st.sampled_from([USUAL, AS_PUBLISHED, Prior(0.0, 0.5), Prior(1e5, 3.0)]),
)  # fmt: skip
def test_the_side_with_the_higher_rate_has_the_higher_odds(count_a, count_b, length_a, length_b, prior):
    a, b = one_term(count_a, length_a, count_b, length_b)
    delta, _ = measures.log_odds(a, b, prior)
    difference = count_a * length_b - count_b * length_a
    assert delta[0] * difference >= 0
    assert np.isfinite(delta[0])


def test_a_short_side_does_not_have_more_of_what_it_lacks():
    a, b = one_term(0, 2_000, 50, 1_000_000)
    assert measures.log_odds(a, b, USUAL)[0][0] < 0


def test_a_term_that_is_nowhere_or_everything_has_no_odds():
    for case in ((0, 100, 0, 5000), (100, 100, 50, 50)):
        assert measures.log_odds(*one_term(*case), AS_PUBLISHED)[0][0] == 0
    assert measures.log_odds(*one_term(0, 100, 0, 5000), USUAL)[0][0] == 0


def test_the_clustered_error_is_that_of_a_ratio_written_out_per_document(documents, in_a, two):
    a, b = two
    variance = np.zeros(documents.shape[1])
    prior = np.maximum(500 * (a.count + b.count) / documents.sum(), 0.5)
    words = prior * documents.sum() / (a.count + b.count)
    for members in (in_a, ~in_a):
        own = documents[members].astype(float)
        length = own.sum(axis=1)
        number, total = len(own), length.sum()
        for term in range(own.shape[1]):
            count = own[:, term].sum()
            influence = own[:, term] - count / total * length
            between = number / (number - 1) * (influence**2).sum()
            share = (count + prior[term]) / (total + words[term])
            of_share = max(between, count + 0.5) / (total + words[term]) ** 2
            variance[term] += of_share / (share * (1 - share)) ** 2
    np.testing.assert_allclose(measures.clustered_error(a, b, USUAL), np.sqrt(variance))


def test_the_error_of_the_test_has_half_an_occurrence_and_no_prior(documents, in_a):
    # 4 of 40 words in 2 documents, 1 of 40 in 3: the document of 3 and 1 differs by 1 and -1 from 10%.
    counts, lengths = np.array([[3], [1], [1], [0], [0]]), np.array([20, 20, 10, 20, 10])
    a, b = sides(counts, np.arange(5) < 2, lengths)
    of_a = max(2 / 1 * (1 + 1), 4.5) * (1 / 4.5 + 1 / 36.5) ** 2
    of_b = max(3 / 2 * (0.75**2 + 0.5**2 + 0.25**2), 1.5) * (1 / 1.5 + 1 / 39.5) ** 2
    expected = (log(4.5 / 36.5) - log(1.5 / 39.5)) / (of_a + of_b) ** 0.5
    assert measures.wald_z(a, b)[0] == pytest.approx(expected)


def test_a_prior_that_shrinks_the_effect_shrinks_its_error():
    counts = np.zeros((60, 1))
    counts[:30] = 1
    a, b = sides(counts, np.arange(60) < 40, np.full(60, 10))
    delta, _ = measures.log_odds(a, b, USUAL)
    assert delta[0] > measures.Z * measures.clustered_error(a, b, USUAL)[0]
    assert measures.wald_z(a, b)[0] > measures.Z


def test_the_clustered_error_of_common_terms_is_that_of_the_jackknife_and_the_bootstrap(documents, in_a, two):
    def difference(rows_a: np.ndarray, rows_b: np.ndarray) -> np.ndarray:
        logits = []
        for rows in (rows_a, rows_b):
            share = documents[rows].sum(axis=0)[:5] / documents[rows].sum()
            logits.append(np.log(share / (1 - share)))
        return logits[0] - logits[1]

    a, b = np.flatnonzero(in_a), np.flatnonzero(~in_a)
    jackknife = np.zeros(5)
    for own, turn in ((a, 0), (b, 1)):
        left_out = np.array(
            [difference(*((*(a, b)[:turn], np.delete(own, i), *(a, b)[turn + 1 :]))) for i in range(len(own))]
        )
        jackknife += (len(own) - 1) / len(own) * ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0)
    generator = np.random.default_rng(0)
    drawn = [difference(generator.choice(a, len(a)), generator.choice(b, len(b))) for _ in range(1500)]
    error = measures.clustered_error(*two, Prior(1e-9, 0.0))[:5]
    np.testing.assert_allclose(error, np.sqrt(jackknife), rtol=0.1)
    np.testing.assert_allclose(error, np.std(drawn, axis=0), rtol=0.1)


def test_words_that_one_document_repeats_get_a_wider_error():
    lengths = np.full(40, 50)
    spread, heaped = np.zeros((40, 1)), np.zeros((40, 1))
    spread[:20], heaped[0] = 1, 20
    spread[20:], heaped[20:] = 1, 1
    in_a = np.arange(40) < 20
    errors = [
        measures.clustered_error(*sides(counts, in_a, lengths), USUAL)[0] for counts in (spread, heaped)
    ]
    assert errors[1] > 2 * errors[0]


def permuted(documents: np.ndarray, size: int) -> np.ndarray:
    """The excess of every term over all choices of documents for side a."""
    lengths = documents.sum(axis=1)
    rate = documents.sum(axis=0) / lengths.sum()
    excess = documents - rate * lengths[:, np.newaxis]
    return np.array(
        [excess[list(chosen)].sum(axis=0) for chosen in combinations(range(len(documents)), size)]
    )


def test_the_permutation_test_has_the_moments_of_all_permutations():
    documents = np.random.default_rng(3).poisson(1.2, size=(9, 6))
    everything = permuted(documents, 3)
    found = permutation(*sides(documents, np.arange(9) < 3))
    np.testing.assert_allclose(everything.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(found.variance, everything.var(axis=0))
    np.testing.assert_allclose(found.excess, everything[0])
    np.testing.assert_allclose(found.z(), everything[0] / everything.std(axis=0))


def test_the_third_moment_of_a_term_of_few_documents_is_that_of_the_hypergeometric():
    lengths = np.full(400, 100)
    for holding in (1, 3, 8):
        counts = np.zeros((400, 1))
        counts[:holding] = 7
        found = permutation(*sides(counts, np.arange(400) < 30, lengths))
        variance, skew = hypergeom.stats(400, holding, 30, moments="vs")
        assert found.variance[0] == pytest.approx(49 * variance)
        assert found.third[0] / found.variance[0] ** 1.5 == pytest.approx(float(skew), rel=0.03)


@pytest.mark.parametrize("holding", [1, 2, 3, 5])
@pytest.mark.parametrize("repeats", [1, 20])
def test_a_few_documents_on_a_small_side_are_as_likely_as_they_are(holding, repeats):
    """Documents of 20 among 1,000 hold a term: the exact chance, and not what the normal distribution says."""
    counts = np.zeros((1000, 1))
    counts[:holding] = repeats
    found = permutation(*sides(counts, np.arange(1000) < 20, np.full(1000, 200)))
    exact = hypergeom.sf(holding - 1, 1000, holding, 20)
    assert exact / 4 < found.p()[0]
    assert measures.two_sided(found.z())[0] < exact / 1000


def test_p_of_the_permutation_test_is_that_of_many_permutations():
    generator = np.random.default_rng(7)
    documents = topical(generator, 300, terms=40)
    lengths, rate = documents.sum(axis=1), documents.sum(axis=0) / documents.sum()
    excess = documents - rate * lengths[:, np.newaxis]
    for size in (150, 40):
        drawn = np.array([excess[generator.permutation(300)[:size]].sum(axis=0) for _ in range(4000)])
        found = permutation(*sides(documents, np.arange(300) < size))
        observed = found.excess
        tail = np.where(observed > 0, (drawn >= observed).mean(axis=0), (drawn <= observed).mean(axis=0))
        np.testing.assert_allclose(found.p(), np.minimum(2 * tail, 1), atol=0.1)


@pytest.mark.parametrize("holding", [20, 100, 180])
def test_the_third_moment_is_the_larger_the_more_documents_hold_a_term_and_none_beyond_half(holding):
    counts = np.zeros((400, 1))
    counts[:holding] = 1
    found = permutation(*sides(counts, np.arange(400) < 30, np.full(400, 100)))
    skew = float(hypergeom.stats(400, holding, 30, moments="s"))
    share = holding / 400
    expected = skew * (1 - share) / (1 - 2 * share)
    assert found.third[0] / found.variance[0] ** 1.5 == pytest.approx(expected, rel=0.05)
    other = permutation(*sides(1 - counts, np.arange(400) < 30, np.full(400, 100)))
    assert other.third[0] == 0
    np.testing.assert_allclose(other.p(), measures.two_sided(other.z()))


def test_sides_of_equal_size_have_the_normal_p():
    documents = topical(np.random.default_rng(5), 100, terms=80)
    found = permutation(*sides(documents, np.arange(100) < 50))
    np.testing.assert_allclose(found.p(), measures.two_sided(found.z()))


def test_what_no_shuffling_changes_is_no_finding():
    found = permutation(*sides(np.full((10, 1), 3), np.arange(10) < 4, np.full(10, 30)))
    assert found.z()[0] == 0
    assert found.p()[0] == 1


def test_exchanging_the_sides_negates_every_signed_effect(two):
    a, b = two
    for effect in (
        lambda a, b: measures.log_odds(a, b, USUAL)[0],
        measures.wald_z,
        lambda a, b: permutation(a, b).z(),
        measures.signed_g2,
        measures.text_g2,
        measures.log_ratio,
        measures.simple_maths,
    ):
        np.testing.assert_allclose(effect(a, b), -effect(b, a), atol=1e-9)
    for same in (
        lambda a, b: measures.clustered_error(a, b, USUAL),
        lambda a, b: permutation(a, b).p(),
        measures.bic,
        lambda a, b: measures.divergence_shares(a.count, b.count)[1],
    ):
        np.testing.assert_allclose(same(a, b), same(b, a), atol=1e-9)


def test_g2_is_that_of_scipy(two):
    a, b = two
    found, dispersion = measures.signed_g2(a, b), measures.text_g2(a, b)
    for term in range(len(a.count)):
        for own, in_a, of_a, in_b, of_b in (
            (found[term], a.count[term], a.length[term], b.count[term], b.length[term]),
            (dispersion[term], a.documents_with[term], a.documents, b.documents_with[term], b.documents),
        ):
            table = np.array([[in_a, in_b], [of_a - in_a, of_b - in_b]])
            if not table.sum(axis=1).all():
                assert own == 0
                continue
            expected = chi2_contingency(table, lambda_="log-likelihood", correction=False).statistic
            assert abs(own) == pytest.approx(expected, abs=1e-8)
            assert np.sign(own) == np.sign(round(in_a * of_b - in_b * of_a)) or abs(own) < 1e-9


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ((15, 1_000, 40, 100_000), 75.007034),
        ((0, 1_000, 7, 100_000), -0.139309),
        ((3, 1_000, 30, 100_000), 8.188987),
        ((200, 1_000, 150, 100_000), 1412.978788),
    ],
)
def test_g2_is_that_of_the_package_association_measures(case, expected):
    """Made once with association-measures 0.3.2 (MIT), which asks for an older pandas than the project has."""
    assert measures.signed_g2(*one_term(*case))[0] == pytest.approx(expected, abs=1e-6)


def test_measures_of_a_hand_worked_case():
    a, b = one_term(15, 1_000, 40, 100_000)
    assert measures.log_ratio(a, b)[0] == pytest.approx(log2((15.5 / 1000.5) / (40.5 / 100_000.5)))
    assert measures.log_ratio(a, b)[0] == pytest.approx(
        5.2288, abs=0.05
    )  # association-measures, without the .5
    assert measures.percent_difference(a, b)[0] == pytest.approx(3650)  # 15 and .4 in 1,000
    assert measures.bic(a, b)[0] == pytest.approx(75.007034 - log(101_000), abs=1e-5)
    assert measures.simple_maths(a, b)[0] == pytest.approx(log2((15_000 + 100) / (400 + 100)))


def test_what_the_other_side_lacks_is_infinitely_many_percent_more():
    assert measures.percent_difference(*one_term(3, 10, 0, 10))[0] == np.inf
    assert measures.percent_difference(*one_term(0, 10, 3, 10))[0] == -100
    assert measures.percent_difference(*one_term(0, 10, 0, 10))[0] == 0


def test_the_divergence_is_the_squared_distance_of_scipy(two):
    a, b = two
    whole, shares = measures.divergence_shares(a.count, b.count)
    assert whole == pytest.approx(jensenshannon(a.count, b.count, base=2) ** 2)
    assert shares.sum() == pytest.approx(1)
    assert (shares >= -1e-12).all()


def test_the_divergence_is_0_of_the_same_and_1_of_nothing_in_common():
    same, _ = measures.divergence_shares(
        *(side.count for side in sides(np.array([[2, 4], [1, 2]]), np.array([True, False])))
    )
    other, shares = measures.divergence_shares(
        *(side.count for side in sides(np.array([[3, 0], [0, 5]]), np.array([True, False])))
    )
    assert same == pytest.approx(0)
    assert other == pytest.approx(1)
    np.testing.assert_allclose(shares, 0.5)
    nothing, _ = measures.divergence_shares(
        *(side.count for side in sides(np.array([[3, 0], [0, 0]]), np.array([True, False])))
    )
    assert np.isnan(nothing)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_q_is_that_of_scipy(p):
    np.testing.assert_allclose(measures.adjusted(np.array(p)), false_discovery_control(p), atol=1e-12)


def test_the_bound_is_the_end_of_the_interval_nearer_to_0():
    found = measures.conservative(np.array([1.0, -1.0, 0.1, -3.0]), np.array([0.1, 0.1, 0.1, 1.0]))
    np.testing.assert_allclose(found, [1 - 0.196, -1 + 0.196, 0, -3 + 1.96], atol=1e-3)


@pytest.mark.parametrize(
    ("rates", "documents", "shrunken", "true"),
    [
        ((0.02, 0.01), (200, 200), (0.93, 0.97), (0.93, 0.97)),
        ((0.0002, 0.0001), (200, 200), (0.95, 1.0), (0.94, 1.0)),
        ((0.04, 0.01), (20, 2000), (0.92, 0.98), (0.89, 0.96)),
        ((0.002, 0.01), (20, 200), (0.93, 0.99), (0.82, 0.91)),
    ],
)
def test_the_interval_holds_the_shrunken_effect_and_less_often_the_true_one(rates, documents, shrunken, true):
    """800 terms of documents that repeat their words, with the prior that ships."""
    generator = np.random.default_rng(4)
    in_a = np.arange(sum(documents)) < documents[0]
    words = 300
    means = np.where(in_a, *rates)[:, np.newaxis] * words
    counts = generator.poisson(means * generator.gamma(2, 0.5, (len(in_a), 800)))
    a, b = sides(counts, in_a, np.full(len(in_a), words))
    delta = measures.log_odds(a, b, USUAL)[0]
    reach = measures.half_width(a, b) * measures.clustered_error(a, b, USUAL)
    at_rates = [
        (np.array([rate * number * words]), np.array([float(number * words)]))
        for rate, number in zip(rates, documents, strict=True)
    ]
    odds = [log(rate / (1 - rate)) for rate in rates]
    for effect, expected in (
        (measures.dirichlet_log_odds(*at_rates, USUAL)[0], shrunken),
        (odds[0] - odds[1], true),
    ):
        assert expected[0] <= (np.abs(delta - effect) <= reach).mean() <= expected[1]


def test_the_prior_of_a_rare_term_has_more_words_and_pulls_more():
    a, b = one_term(4, 10_000, 1, 10_000)
    pseudo, words = USUAL.of((a.count, a.length), (b.count, b.length))
    assert (pseudo[0], words[0]) == (0.5, pytest.approx(0.5 / (5 / 20_000)))
    assert words[0] > 500
    ours, published = (measures.log_odds(a, b, prior)[0][0] for prior in (USUAL, AS_PUBLISHED))
    assert 0 < ours < published


def test_an_absence_is_as_unlikely_as_that_all_occurrences_fall_on_the_other_side():
    lengths = np.full((60, 1), 100)
    counts = np.zeros((60, 2), dtype=int)
    counts[20:60:4, 0] = 1  # ten occurrences in ten documents: nothing clumps
    counts[20:24, 1] = 10  # forty in four
    counts = np.hstack([counts, lengths - counts.sum(axis=1, keepdims=True)])
    a, b = sides(counts, np.arange(60) < 20)
    p = measures.wald_p(a, b)
    assert p[0] == pytest.approx(2 * (2 / 3) ** 10, rel=0.15)
    assert p[1] > 2 * (2 / 3) ** 5
    assert p[1] < 1
    np.testing.assert_allclose(measures.wald_p(b, a), p)
    assert p[2] == pytest.approx(measures.two_sided(measures.wald_z(a, b))[2])
