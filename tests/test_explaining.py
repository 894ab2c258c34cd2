"""Why a model predicts what it does: contributions of words that add up to the logit."""

from collections import Counter

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, softmax
from sklearn.feature_extraction.text import TfidfVectorizer

from framing.build_model import build_model
from framing.core.errors import FramingError
from framing.models.encoder import SentenceTokenizer
from framing.models.folder import load_model, save_model
from framing.models.gradients import Reader, explain_reader
from framing.models.interface import Explaining
from framing.models.patterns import Patterns
from framing.models.terms import terms_of
from framing.models.words import Words
from tests.conftest import make_codebook, make_rows
from tests.test_data import load

FAST = ("model.precision=fp32", "model.batch_size=8", "model.encoder_lr=0.003", "model.head_lr=0.03")


@pytest.fixture
def corpus(write):
    return load(write(make_rows(per_source=12))).corpus


FITTED = {}


@pytest.fixture
def fitted(composed, small_encoder, corpus):
    """Return a model fitted on the corpus, the same one for the same settings: do not change it."""

    def fit(kind, *overrides):
        if (kind, overrides) not in FITTED:
            FITTED[kind, overrides] = build(kind, *overrides).fit(corpus)
        return FITTED[kind, overrides]

    def build(kind, *overrides):
        encoder = [] if kind == "tfidf" else [f"model.encoder={small_encoder}"]
        fast = FAST if kind == "transformer" else []
        return build_model(
            composed(f"model={kind}", *encoder, *fast, *(f"model.{text}" for text in overrides)).model
        )

    fit.build = build
    return fit


@pytest.fixture
def real(composed):
    """The seeds: 128 sentences of news."""
    from framing.build import build_codebook, build_corpus

    config = composed()
    return build_corpus(config.data, build_codebook(config.codebook)).corpus


def sentences_of(*texts):
    return pl.DataFrame(
        {"text": texts, "source": ["x"] * len(texts)}, schema={"text": pl.String, "source": pl.String}
    )


def everything(sentences, frames=3):
    return np.ones((sentences.height, frames), dtype=bool)


def summed(explanation):
    """The completeness table with what the contributions sum to."""
    sums = explanation.contributions.group_by("row", "frame").agg(added=pl.col("contribution").sum())
    joined = explanation.completeness.join(sums, on=["row", "frame"], how="left", maintain_order="left")
    return joined.with_columns(pl.col("added").fill_null(0.0))


def off(explanation):
    """How far base + contributions + unexplained is from the logit."""
    table = summed(explanation)
    return (table["base"] + table["added"] + table["unexplained"] - table["logit"]).abs().max()


def by_word(explanation, text, row=0, frame=0):
    rows = explanation.contributions.filter(row=row, frame=frame)
    return {text[start:end]: added for _, _, start, end, added in rows.iter_rows()}


# --- words ------------------------------------------------------------------------------------------------

TEXTS = st.lists(st.text(alphabet="aB-’' .,é1İß\n\u2014", max_size=20), min_size=1, max_size=4)


@settings(deadline=None)
@given(TEXTS)
def test_every_character_that_is_no_space_is_of_one_word_or_mark(texts):
    words = Words.of(texts)
    for row, text in enumerate(texts):
        of_text = words.row == row
        covered = Counter(
            place
            for start, end in zip(words.start[of_text], words.end[of_text], strict=True)
            for place in range(start, end)
        )
        assert covered == {place: 1 for place, letter in enumerate(text) if not letter.isspace()}


@settings(deadline=None)
@given(TEXTS, st.data())
def test_the_shares_of_a_place_sum_to_one_and_stay_in_its_text(texts, data):
    words = Words.of(texts)
    places = []
    for row, text in enumerate(texts):
        start = data.draw(st.integers(0, len(text)))
        places.append((row, start, data.draw(st.integers(start, len(text)))))
    row, start, end = np.array(places).T
    shares = words.shares(row, start, end).toarray()
    has_unit = np.isin(row, words.row)
    assert np.allclose(shares.sum(axis=0), has_unit)
    assert not shares[words.row[:, np.newaxis] != row].any()


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("re-took", {"re-took": 1}), ("k the t", {"re-took": 1 / 3, "the": 1 / 3, "town": 1 / 3}),
        ("wn,” ", {"town": 1}), (",”", {",": 0.5, "”": 0.5}), ("(", {"(": 1}), ("  ", {"he": 1}), ("!", {"!": 1}),
    ],
)  # fmt: skip
def test_what_stands_in_a_text_is_divided_as_documented(part, expected):
    text = "(re-took the town,”  he said!"
    words = Words.of([text])
    start = text.index(part)
    shares = words.shares(np.array([0]), np.array([start]), np.array([start + len(part)])).toarray()[:, 0]
    found = {text[words.start[one] : words.end[one]]: shares[one] for one in np.flatnonzero(shares)}
    assert found == pytest.approx(expected)


def test_matches_of_patterns_have_places_whatever_the_case():
    places = Patterns(("scarlet|ruby", "", "a b")).places(["A Scarlet ruby", "none", "a b"])
    assert places.rows() == [(0, 0, 2, 9), (0, 0, 10, 14), (2, 2, 0, 3)]


# --- tfidf ------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(
    st.text(alphabet="aB-’' .,é1İß\n\u2014Σ", max_size=30),
    st.sampled_from([("word", (1, 2)), ("word", (2, 3)), ("char_wb", (3, 5)), ("char_wb", (1, 2))]),
)
def test_the_terms_are_those_of_scikit_learn_and_stand_where_they_are_said_to(text, kind):
    analyzer, ngrams = kind
    vectorizer = TfidfVectorizer(analyzer=analyzer, ngram_range=ngrams)
    terms = list(terms_of(vectorizer, text))
    assert Counter(term for term, _ in terms) == Counter(vectorizer.build_analyzer()(text))
    for term, places in terms:
        read = [text[start:end].lower().replace("σ", "ς") for start, end in places]
        if analyzer == "char_wb":
            assert term.strip().replace("σ", "ς") in read[0]
        else:
            assert all(word in part for word, part in zip(term.replace("σ", "ς").split(), read, strict=True))


def test_the_contributions_of_tfidf_are_weight_times_value(corpus, composed):
    model = build_model(composed("model.char_ngrams=[]", "model.word_ngrams=[1,1]").model).fit(corpus)
    text = "Crimson words, unheard of: crimson sky"
    found = model.explain(sentences_of(text), everything(sentences_of(text)))
    value = model.features.transform([text]).toarray()[0]
    vocabulary = model.features.transformer_list[0][1].vocabulary_
    weights = model.heads.frames.weights[1].astype(float)
    crimson = weights[vocabulary["crimson"]] * value[vocabulary["crimson"]]
    expected = {
        "Crimson": crimson / 2, "words": weights[vocabulary["words"]] * value[vocabulary["words"]], ",": 0,
        "unheard": 0, "of": 0, ":": 0, "crimson": crimson / 2, "sky": 0,
    }  # fmt: skip
    assert by_word(found, text, frame=1) == pytest.approx(expected)


def test_a_pair_of_words_counts_in_equal_parts_for_both(corpus, composed):
    model = build_model(composed("model.char_ngrams=[]", "model.word_ngrams=[2,2]").model).fit(corpus)
    text = "crimson a scarlet"  # a word of one letter is no term, and does not come between two others
    found = model.explain(sentences_of(text), everything(sentences_of(text)))
    added = by_word(found, text)
    assert added["crimson"] == added["scarlet"] > 0
    assert added["a"] == 0


def test_the_explanation_of_real_sentences_by_tfidf_is_exact(real, composed):
    model = build_model(composed("model=tfidf").model).fit(real)
    prediction = model.predict(real.sentences).frames
    learned = real.frames.any(axis=0)
    found = model.explain(real.sentences, np.ones(real.frames.shape, dtype=bool))
    assert off(found) < 1e-9
    assert found.completeness["unexplained"].abs().max() < 1e-9
    assert found.completeness.height == len(real) * learned.sum()
    row, frame = found.completeness["row"].to_numpy(), found.completeness["frame"].to_numpy()
    assert np.allclose(expit(found.completeness["logit"].to_numpy()), prediction[row, frame], atol=1e-12)
    texts = real.sentences["text"].to_list()
    words = [
        texts[row][start:end]
        for row, start, end in found.contributions.select("row", "start", "end").iter_rows()
    ]
    assert all(word == word.strip() and word for word in words)
    assert not found.contributions.select("row", "frame", "start").is_duplicated().any()


def test_the_logits_of_a_single_label_codebook_are_those_before_the_softmax(write, composed):
    rows = [row | {"frames": row["frames"][:1]} for row in make_rows() if row["frames"]]
    corpus = load(write(rows), make_codebook(single_label=True)).corpus
    model = build_model(composed("model=tfidf").model).fit(corpus)
    found = model.explain(corpus.sentences, everything(corpus.sentences))
    logits = found.completeness["logit"].to_numpy().reshape(-1, 3)
    assert np.allclose(softmax(logits, axis=1), model.predict(corpus.sentences).frames)
    assert found.completeness["unexplained"].abs().max() < 1e-9


# --- every model that explains ----------------------------------------------------------------------------


@pytest.fixture(params=[("tfidf",), ("probe",), ("transformer", "epochs=2")], ids=lambda param: param[0])
def explaining(request, fitted):
    return fitted(*request.param)


def test_the_models_that_explain_are_those_with_logits_made_of_words(explaining, composed):
    assert isinstance(explaining, Explaining)
    for kind in ("dictionary", "majority", "source_only"):
        assert not isinstance(build_model(composed(f"model={kind}").model), Explaining)


def test_the_logits_are_those_of_the_prediction(explaining, corpus):
    found = explaining.explain(corpus.sentences, everything(corpus.sentences)).completeness
    probabilities = explaining.predict(corpus.sentences).frames
    assert np.allclose(expit(found["logit"].to_numpy().reshape(-1, 3)), probabilities, atol=1e-6)


def test_only_what_is_asked_is_explained_and_as_if_all_were(explaining, corpus):
    asked = np.zeros((len(corpus), 3), dtype=bool)
    asked[5, 1] = asked[7, 0] = asked[7, 2] = True
    found = explaining.explain(corpus.sentences, asked)
    assert found.completeness.select("row", "frame").rows() == [(5, 1), (7, 0), (7, 2)]
    assert found.contributions.select("row", "frame").unique(maintain_order=True).rows() == [
        (5, 1),
        (7, 0),
        (7, 2),
    ]
    every = explaining.explain(corpus.sentences, everything(corpus.sentences))
    same = every.contributions.join(
        found.completeness, on=["row", "frame"], how="semi", maintain_order="left"
    )
    assert np.allclose(same["contribution"], found.contributions["contribution"], atol=1e-5)


def test_nothing_asked_gives_empty_tables_with_their_columns(explaining, corpus):
    nothing = explaining.explain(corpus.sentences, ~everything(corpus.sentences))
    none = explaining.explain(corpus.sentences.head(0), everything(corpus.sentences.head(0)))
    one = explaining.explain(corpus.sentences.head(1), everything(corpus.sentences.head(1)))
    for found in (nothing, none):
        for name in ("contributions", "completeness"):
            assert getattr(found, name).height == 0
            assert getattr(found, name).schema == getattr(one, name).schema


def test_a_text_without_words_has_the_logit_of_the_base(explaining):
    sentences = sentences_of("", " \n ", "scarlet")
    found = explaining.explain(sentences, everything(sentences))
    empty = found.completeness.filter(pl.col("row") < 2)
    assert empty["logit"].to_list() == pytest.approx(empty["base"].to_list())
    assert empty["unexplained"].to_list() == pytest.approx([0] * 6)
    assert found.contributions["row"].unique().to_list() == [2]


def test_the_restored_model_explains_the_same(explaining, corpus, tmp_path):
    save_model(explaining, corpus.codebook, tmp_path / "model")
    loaded = load_model(tmp_path / "model")[0]
    some = corpus.sentences.head(7)
    before, again, restored = (
        model.explain(some, everything(some)) for model in (explaining, explaining, loaded)
    )
    for found in (again, restored):
        assert found.contributions.equals(before.contributions)
        assert found.completeness.equals(before.completeness)


@pytest.mark.parametrize("settings", [("tfidf",), ("probe",), ("transformer", "epochs=1")])
def test_a_frame_that_nobody_taught_has_no_rows(settings, fitted, corpus):
    plain = corpus[np.flatnonzero(~corpus.frames[:, 2])]
    model = fitted.build(*settings).fit(plain)
    found = model.explain(corpus.sentences, everything(corpus.sentences))
    assert set(found.completeness["frame"]) == set(found.contributions["frame"]) == {0, 1}


def test_explaining_before_fit_is_an_error(composed):
    for kind in ("tfidf", "probe", "transformer"):
        with pytest.raises(FramingError, match=f"model={kind}: explain was called before fit"):
            build_model(composed(f"model={kind}").model).explain(
                sentences_of("a"), everything(sentences_of("a"))
            )


def test_progress_reaches_the_end(explaining, corpus):
    told = []
    explaining.explain(corpus.sentences, everything(corpus.sentences), told.append)
    assert told == sorted(told)
    assert told[-1] == 1


# --- transformer ------------------------------------------------------------------------------------------


def reader_of(model):
    weights = model.network.pattern_head.weight.detach().double().numpy()[:3]
    return Reader(model.tokenizer, model.network.pooled, model.network.head, model.patterns, weights)


def test_integrated_gradients_are_complete_and_the_more_so_the_more_steps(fitted, corpus):
    model = fitted("transformer", "epochs=20", "patterns=true")
    missed = []
    for steps in (4, 64):
        table = explain_reader(
            reader_of(model), corpus.sentences, everything(corpus.sentences), steps=steps
        ).completeness
        missed.append((table["unexplained"] / (table["logit"] - table["base"])).abs().max())
    assert missed[1] < 0.05
    assert missed[1] < missed[0]


def test_the_words_that_a_frame_was_learned_from_add_most(fitted):
    text = "The report from sector 4 says azure navy cobalt today."
    found = fitted("transformer", "epochs=30", "patterns=false").explain(
        sentences_of(text), everything(sentences_of(text))
    )
    added = by_word(found, text, frame=1)
    assert set(sorted(added, key=added.get)[-3:]) == {"azure", "navy", "cobalt"}


def test_a_match_of_a_pattern_adds_its_weight_in_equal_parts_to_the_words_of_its_places(fitted, corpus):
    model = fitted.build("transformer", "epochs=1", "patterns=true").fit(corpus)
    text = "Scarlet, the deep ruby and more"
    model.patterns = Patterns(("scarlet|deep ruby", "", "and"))
    with torch.no_grad():
        model.network.head.weight.zero_()
        model.network.pattern_head.weight[0] = torch.tensor([2.0, 7.0, -1.0])
    found = model.explain(sentences_of(text), everything(sentences_of(text)))
    expected = {"Scarlet": 1.0, ",": 0, "the": 0, "deep": 0.5, "ruby": 0.5, "and": -1.0, "more": 0}
    assert by_word(found, text) == pytest.approx(expected)
    assert found.completeness.filter(frame=0)["logit"][0] - model.network.head.bias[
        0
    ].item() == pytest.approx(1)


def test_words_beyond_what_is_read_add_nothing(fitted):
    text = "scarlet azure olive the report"
    model = fitted("transformer", "epochs=1", "max_tokens=5", "patterns=false")
    added = by_word(model.explain(sentences_of(text), everything(sentences_of(text))), text)
    assert [word for word, amount in added.items() if amount] == ["scarlet", "azure", "olive"]


def test_unknown_words_are_explained_as_what_the_encoder_reads_them_as(fitted):
    text = "zyx scarlet"
    model = fitted("transformer", "epochs=2")
    found = model.explain(sentences_of(text), everything(sentences_of(text)))
    assert by_word(found, text)["zyx"] != 0
    assert off(found) < 1e-9


def test_explaining_is_in_float32_inside_mixed_precision_too(fitted, corpus):
    model = fitted("transformer", "epochs=2")
    some = corpus.sentences.head(5)
    plain = model.explain(some, everything(some))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = model.explain(some, everything(some))
    assert mixed.contributions.equals(plain.contributions)


def test_the_network_is_left_as_it_was(fitted, corpus):
    model = fitted("transformer", "epochs=2")
    before = model.predict(corpus.sentences).frames
    model.explain(corpus.sentences, everything(corpus.sentences))
    assert all(parameter.grad is None for parameter in model.network.parameters())
    assert np.array_equal(model.predict(corpus.sentences).frames, before)


def test_a_tokenizer_that_knows_no_places_is_refused_with_a_reason():
    class Slow:
        is_fast = False

    with pytest.raises(FramingError, match="does not tell where its tokens stand"):
        SentenceTokenizer(Slow(), 10).placed(["a"])


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["probe", "transformer"])
def test_the_encoder_that_ships_is_explained_almost_completely(composed, real, kind):
    epochs = ["model.epochs=2", "model.precision=fp32"] if kind == "transformer" else []
    model = build_model(composed(f"model={kind}", *epochs).model).fit(real)
    some = real.sentences.head(12)
    asked = np.zeros((12, real.frames.shape[1]), dtype=bool)
    asked[:, :2] = real.frames.any(axis=0)[:2]
    table = model.explain(some, asked).completeness
    assert table.height == asked.sum() > 0
    relative = (table["unexplained"] / (table["logit"] - table["base"])).abs()
    assert relative.median() < 0.01
    assert table["unexplained"].abs().max() < 0.05
