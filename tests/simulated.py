"""Labels and predictions of which the true scores are known, for the tests of intervals.

Articles differ: each has its own inclination to every frame, and every model errs more in some articles than
in others, so sentences of an article resemble each other. All of it is normal on the scale of log-odds, so the
population's shares, and from them its scores, are integrals that are computed and not estimated.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, ndtr

PREVALENCE = (0.05, 0.08, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4)
SENSITIVITY = (0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.7, 0.85)
FALSE_ALARMS = (0.02, 0.03, 0.03, 0.05, 0.05, 0.06, 0.08, 0.1)
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(60)


@dataclass
class Population:
    """Sentences of articles with frames, and models that find them.

    Attributes:
        labels_vary: standard deviation of the articles' log-odds of having a frame.
        errors_vary: standard deviation of the articles' log-odds of being judged right.
    """

    prevalence: tuple[float, ...] = PREVALENCE
    sensitivity: tuple[float, ...] = SENSITIVITY
    false_alarms: tuple[float, ...] = FALSE_ALARMS
    labels_vary: float = 1.0
    errors_vary: float = 0.7

    def __post_init__(self):
        self.has = intercepts(self.prevalence, self.labels_vary)
        self.finds = intercepts(self.sensitivity, self.errors_vary)
        self.invents = intercepts(self.false_alarms, self.errors_vary)

    @property
    def macro_f1(self):
        share, found, wrong = (
            np.array(rates) for rates in (self.prevalence, self.sensitivity, self.false_alarms)
        )
        return float((2 * share * found / (share + share * found + (1 - share) * wrong)).mean())

    def labels(self, generator, article):
        inclination = generator.normal(size=(article.max() + 1, len(self.has)))
        chance = expit(self.has + self.labels_vary * inclination)[article]
        return generator.random(chance.shape) < chance

    def models(self, generator, article, labelled, *, models=1, shared=0.5):
        """Predictions of several models that err alike as far as they share what is hard."""
        by_article, by_sentence = (article.max() + 1, len(self.has)), labelled.shape

        def mixed(common):
            own = generator.normal(size=common.shape)
            return np.sqrt(shared) * common + np.sqrt(1 - shared) * own

        finding, inventing, difficulty = (
            generator.normal(size=shape) for shape in (by_article, by_article, by_sentence)
        )
        predicted = []
        for _ in range(models):
            level = ndtr(mixed(difficulty))
            found = expit(self.finds + self.errors_vary * mixed(finding))[article]
            wrong = expit(self.invents + self.errors_vary * mixed(inventing))[article]
            predicted.append(np.where(labelled, level < found, level > 1 - wrong))
        return predicted


def intercepts(rates, deviation):
    """The log-odds of which the mean chance over all articles is the rate."""

    def surplus(intercept, rate):
        return (WEIGHTS * expit(intercept + deviation * NODES)).sum() / WEIGHTS.sum() - rate

    return np.array([brentq(surplus, -15, 15, args=(rate,)) for rate in rates])


def articles(generator, number, *, uneven=False):
    """The article of every sentence: 5 to 30 each, or as uneven as the sources of a corpus."""
    if uneven:
        return np.repeat(np.arange(number), np.maximum(3, generator.lognormal(3.2, 0.8, number).astype(int)))
    return np.repeat(np.arange(number), generator.integers(5, 31, number))


def names(article):
    return [f"article {number}" for number in article.tolist()]
