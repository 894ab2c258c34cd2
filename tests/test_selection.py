"""Which sentences to label next."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.core.errors import FramingError
from framing.labelling.selection import SelectionSettings, choose, frame_doubt, frame_weights
from framing.labelling.story import choose_next, predict
from framing.models.folder import save_model
from framing.models.interface import Prediction
from framing.models.majority import Majority
from tests.conftest import make_codebook, make_rows
from tests.labelling import candidates_of, texts
from tests.test_data import load

probabilities = st.integers(1, 12).flatmap(
    lambda n: st.lists(
        st.lists(st.floats(0, 1), min_size=3, max_size=3).filter(lambda row: sum(row) > 0.01),
        min_size=n,
        max_size=n,
    )
)


@given(rows=probabilities, margin=st.booleans(), single=st.booleans())
def test_doubt_is_between_sure_and_fully_unsure(rows, margin, single):
    values = np.array(rows)
    if single:
        values = values / values.sum(axis=1, keepdims=True)
    doubt = frame_doubt(values, single_label=single, margin=margin)
    total = doubt.sum(axis=1) if single else doubt.max(axis=1)
    assert (doubt >= -1e-12).all()
    assert (total <= 1 + 1e-9).all()
    sure = frame_doubt(np.eye(3), single_label=single, margin=margin)
    assert np.allclose(sure, 0)
    unsure = np.full((1, 3), 1 / 3 if single else 1 / 2)
    full = frame_doubt(unsure, single_label=single, margin=margin)
    assert full.sum() == pytest.approx(1 if single else 3)


def test_rare_frames_weigh_more():
    values = np.column_stack([np.full(100, 0.5), np.full(100, 0.1), np.full(100, 0.1)])
    weights = frame_weights(values, 0.5)
    assert weights.mean() == pytest.approx(1)
    assert weights[1] > weights[0]
    assert frame_weights(values, 0) == pytest.approx([1, 1, 1])


def settings_of(**changed):
    return SelectionSettings(**({"count": 3, "margin": False, "rare": 0.0, "diversity": 1.0} | changed))


def choose_from(texts, values, **changed):
    steps = []
    found = choose(
        texts, np.array(values), ["red", "blue"], settings_of(**changed), single_label=False,
        advance=lambda: steps.append(1),
    )  # fmt: skip
    assert len(steps) == found.height
    return found


def test_near_duplicates_are_not_all_chosen():
    texts = ["Sector nine was quiet today."] * 3 + ["Rain fell on the harbour.", "Trains ran late again."]
    values = [[0.5, 0.5]] * 3 + [[0.4, 0.3], [0.2, 0.3]]
    assert choose_from(texts, values)["row"].to_list() == [0, 3, 4]
    alike = choose_from(texts, values, diversity=0.0)
    assert alike["row"].to_list() == [0, 1, 2]
    assert alike["likeness"].to_list() == pytest.approx([0, 1, 1])


@settings(deadline=None, max_examples=30)
@given(
    drawn=st.lists(
        st.tuples(texts.filter(str.strip), st.tuples(st.floats(0, 1), st.floats(0, 1))),
        min_size=1,
        max_size=12,
    ),
    count=st.integers(1, 15),
    margin=st.booleans(),
)
def test_every_sentence_is_chosen_once_at_most_and_the_most_doubtful_first(drawn, count, margin):
    found = choose_from([text for text, _ in drawn], [row for _, row in drawn], count=count, margin=margin)
    assert found.height == min(count, len(drawn))
    assert found["row"].n_unique() == found.height
    doubt = frame_doubt(np.array([row for _, row in drawn]), single_label=False, margin=margin).mean(axis=1)
    assert doubt[found["row"][0]] == pytest.approx(doubt.max())
    assert ((found["likeness"] >= 0) & (found["likeness"] <= 1)).all()


def test_the_reason_names_the_frames_in_doubt():
    found = choose_from(["a", "b"], [[0.9, 0.45], [0.99, 0.01]], count=1, rare=1.0)
    assert found["reason"][0] == (
        "unsure about blue (p 0.45, a rare frame) and red (p 0.90); likeness to sentences chosen before 0.00"
    )


def test_a_single_label_codebook_is_chosen_from_by_its_one_frame():
    codebook = make_codebook(single_label=True)
    values = np.array([[0.8, 0.1, 0.1], [0.4, 0.35, 0.25], [1.0, 0.0, 0.0]])
    candidates = candidates_of([row | {"frames": ["red"]} for row in make_rows()[:3]], codebook)
    for margin in (False, True):
        _, picked, table_ = choose_next(
            candidates,
            Prediction(values, np.full((3, 2), 0.5)),
            settings_of(count=2, margin=margin, diversity=0.0),
        )
        assert table_["id"].to_list() == ["north-1", "north-0"]
        assert picked.frames[0].tolist() == [0.4, 0.35, 0.25]


def test_a_model_with_another_codebook_is_refused(write, rows, tmp_path):
    corpus = load(write(rows)).corpus
    save_model(Majority().fit(corpus), corpus.codebook, tmp_path / "model")
    candidates = candidates_of(rows)
    assert predict(str(tmp_path / "model"), candidates).frames.shape == (18, 3)
    with pytest.raises(FramingError, match=r"whose voices are asserted, attributed; expected .* none"):
        predict(str(tmp_path / "model"), candidates_of(rows, make_codebook(voices=())))
