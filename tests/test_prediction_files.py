import csv
import json

import numpy as np
import polars as pl
import pytest

from framing.core.errors import FramingError
from framing.data.prediction_files import aligned, prediction_path, read_predictions
from tests.conftest import make_codebook
from tests.test_data import load

CODEBOOK = make_codebook()


def as_csv(path, rows):
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


@pytest.fixture
def corpus(write, rows):
    return load(write(rows)).corpus


@pytest.fixture
def predictions(rows):
    """Predictions as another program may write them: all frames right, the voice always the first."""
    return [
        {"id": row["id"], "frames": ";".join(row["frames"]), "voice": "asserted", "more": "ignored"}
        for row in rows
    ]


def test_predictions_in_another_order_are_found_by_their_id(tmp_path, corpus, predictions):
    file = read_predictions(as_csv(tmp_path / "p.csv", predictions[::-1]), CODEBOOK)
    judgement, notices = aligned(file, corpus)
    assert np.array_equal(judgement.predicted, corpus.frames)
    assert judgement.voices.tolist() == [0] * len(corpus)
    assert judgement.probabilities is None
    assert notices == []


def test_predictions_without_ids_are_found_by_their_text(tmp_path, corpus, rows):
    made = [{"text": row["text"], "frames": json.dumps(row["frames"])} for row in rows[:6]][::-1]
    file = read_predictions(as_csv(tmp_path / "p.csv", made), CODEBOOK)
    judgement, _ = aligned(file, corpus[np.arange(6)])
    assert np.array_equal(judgement.predicted, corpus.frames[:6])


def test_predictions_without_ids_and_texts_are_taken_row_by_row_and_said_to_be(tmp_path, corpus, rows):
    path = tmp_path / "p.parquet"
    pl.DataFrame({"frames": [row["frames"] for row in rows]}).write_parquet(path)
    judgement, notices = aligned(read_predictions(str(path), CODEBOOK), corpus)
    assert np.array_equal(judgement.predicted, corpus.frames)
    assert "row by row" in notices[0]
    with pytest.raises(FramingError, match="18 rows for 5 labelled sentences"):
        aligned(read_predictions(str(path), CODEBOOK), corpus[np.arange(5)])


def test_probabilities_alone_become_labels_from_the_threshold_on(tmp_path, corpus, rows):
    made = [
        {"id": row["id"]} | {f"new_p_{f}": 0.4 if f in row["frames"] else 0.1 for f in CODEBOOK.frame_ids}
        for row in rows
    ]
    path = as_csv(tmp_path / "p.csv", made)
    low = read_predictions(path, CODEBOOK, prefix="new_", threshold=0.4).judgement
    high = read_predictions(path, CODEBOOK, prefix="new_", threshold=0.5).judgement
    assert np.array_equal(low.predicted, corpus.frames)
    assert not high.predicted.any()


def test_a_single_label_codebook_takes_the_likeliest_frame(tmp_path):
    single = make_codebook(single_label=True, voices=())
    path = as_csv(tmp_path / "p.csv", [{"id": "a", "p_red": 0.2, "p_blue": 0.3, "p_green": 0.1}])
    assert read_predictions(path, single).judgement.predicted.tolist() == [[False, True, False]]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"frames": "red;rose"}, ["line 2", "'rose'", "red, blue, green"]),
        ({"frames": "red", "voice": "shouted"}, ["line 2", "'shouted'", "asserted, attributed"]),
        ({"p_red": 0.1, "p_blue": 0.2}, ["no column p_green", "leave all of them out"]),
        ({"p_red": 0.1, "p_blue": 0.2, "p_green": 1.2}, ["line 2", "p_green", "'1.2'", "from 0 to 1"]),
        ({"p_red": 0.1, "p_blue": 0.2, "p_green": ""}, ["line 2", "p_green", "None", "from 0 to 1"]),
        ({"p_red": 0.1, "p_blue": 0.2, "p_green": "nan"}, ["line 2", "p_green", "'nan'"]),
        ({"label": "red"}, ["predicts nothing", "id, label", "prefix="]),
    ],
)
def test_what_cannot_be_a_prediction_is_told_with_its_place(tmp_path, row, words):
    path = as_csv(tmp_path / "p.csv", [{"id": "a"} | row])
    with pytest.raises(FramingError) as error:
        read_predictions(path, CODEBOOK)
    assert all(word in str(error.value) for word in words), str(error.value)


def test_a_labelled_sentence_without_a_prediction_is_told(tmp_path, corpus, predictions):
    file = read_predictions(as_csv(tmp_path / "p.csv", predictions[1:]), CODEBOOK)
    with pytest.raises(FramingError, match=r"1 of 18 labelled sentences .* 'north-0'"):
        aligned(file, corpus)


def test_two_different_predictions_of_a_sentence_are_told_and_equal_ones_are_not(
    tmp_path, corpus, predictions
):
    twice = read_predictions(as_csv(tmp_path / "a.csv", [*predictions, predictions[0]]), CODEBOOK)
    judgement, _ = aligned(twice, corpus)
    assert np.array_equal(judgement.predicted, corpus.frames)
    other = [*predictions, predictions[0] | {"frames": "green"}]
    with pytest.raises(FramingError, match=r"'north-0' stands in line 2 and line 20 with different"):
        aligned(read_predictions(as_csv(tmp_path / "b.csv", other), CODEBOOK), corpus)


def test_predictions_of_unlabelled_sentences_are_not_scored_and_counted(tmp_path, corpus, predictions):
    file = read_predictions(as_csv(tmp_path / "p.csv", predictions), CODEBOOK)
    judgement, notices = aligned(file, corpus[np.arange(10)])
    assert len(judgement.predicted) == 10
    assert "8 predictions are of sentences without a label" in notices[0]


def test_a_folder_that_is_not_of_a_run_is_refused(tmp_path):
    with pytest.raises(FramingError, match=r"folder without tables/predictions.csv"):
        prediction_path(str(tmp_path))


def test_a_forgotten_prefix_is_told_instead_of_scoring_labels_by_themselves(tmp_path, rows):
    made = [{"id": row["id"], "frames": ";".join(row["frames"]), "new_frames": "red"} for row in rows]
    path = as_csv(tmp_path / "p.csv", made)
    with pytest.raises(FramingError, match="set prefix=new_"):
        read_predictions(path, CODEBOOK)
    predicted = read_predictions(path, CODEBOOK, prefix="new_").judgement.predicted
    assert predicted[:, 0].all()
    assert not predicted[:, 1:].any()


def test_a_prediction_of_another_text_with_the_same_id_is_told(tmp_path, corpus, rows):
    made = [{"id": row["id"], "text": row["text"], "frames": ""} for row in rows]
    made[3]["text"] = "Something else."
    with pytest.raises(FramingError, match=r"1 of 18 predictions stand beside another text .* 'north-3'"):
        aligned(read_predictions(as_csv(tmp_path / "p.csv", made), CODEBOOK), corpus)


def test_folds_are_known_only_if_every_sentence_has_one(tmp_path, corpus, predictions):
    whole = [row | {"fold": row["id"][:5]} for row in predictions]
    file = read_predictions(as_csv(tmp_path / "a.csv", whole), CODEBOOK)
    assert file.folds_of(corpus) == [name[:5] for name in corpus.sentences["id"]]
    assert read_predictions(as_csv(tmp_path / "b.csv", predictions), CODEBOOK).folds_of(corpus) is None
