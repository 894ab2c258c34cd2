"""The mean of models: weights, members, and what is said about too few of them."""

import numpy as np
import pytest

from framing.build_split import build_inner_split
from framing.core.errors import FramingError
from framing.models.dictionary import Dictionary
from framing.models.ensemble import Ensemble
from framing.models.majority import Majority
from tests.conftest import make_rows
from tests.test_data import load


@pytest.fixture
def corpus(write):
    return load(write(make_rows(per_source=12))).corpus


def test_equal_weights_are_the_mean(corpus):
    members = {"dictionary": Dictionary(), "majority": Majority()}
    made = Ensemble(members, inner=None).fit(corpus).predict(corpus.sentences)
    each = [member.fit(corpus).predict(corpus.sentences) for member in members.values()]
    assert np.allclose(made.frames, (each[0].frames + each[1].frames) / 2)
    assert np.allclose(made.voices, (each[0].voices + each[1].voices) / 2)


def test_inner_weights_prefer_the_member_that_knows(corpus):
    ensemble = Ensemble(
        {"majority": Majority(), "dictionary": Dictionary()}, inner=build_inner_split(3, 0)
    ).fit(corpus)
    assert ensemble.weights.sum() == pytest.approx(1)
    assert ensemble.weights[1] > 0.95


def test_what_all_folds_share_reaches_every_member(corpus):
    shared, own = corpus[np.arange(12)], corpus[np.arange(12, 36)]
    ensemble = Ensemble({"one": Majority(), "two": Dictionary()}, inner=None)
    ensemble.start(shared)
    made = ensemble.fit(own).predict(corpus.sentences).frames
    alone = Ensemble({"one": Majority(), "two": Dictionary()}, inner=None).fit(own + shared)
    assert np.allclose(made, alone.predict(corpus.sentences).frames)


def test_one_member_is_no_ensemble():
    with pytest.raises(FramingError, match=r"found 1 member.*expected at least two"):
        Ensemble({"only": Majority()}, inner=None)
