from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.annotation import (
    ALL_FRAMES,
    alpha_table,
    confusion,
    disagreements,
    load_passes,
    voice_confusion,
)
from framing.core.errors import CorpusError, FramingError
from framing.evaluation.agreement import agreement, alpha, masi
from tests.conftest import make_codebook
from tests.labelling import read_sentences

SENTENCES = [{"id": f"s{n}", "text": f"Sector {n} was quiet.", "source": "north"} for n in range(6)]
RED, BLUE, BOTH, NONE = frozenset({"red"}), frozenset({"blue"}), frozenset({"red", "blue"}), frozenset()


def label(number, *frames, annotator=None, voice=None):
    row = {
        "id": f"s{number}",
        "frames": list(frames),
        "voice": voice or ("asserted" if frames else None),
    }
    return row if annotator is None else row | {"annotator": annotator}


def test_masi_alpha_of_a_case_worked_by_hand():
    # Distances: {r,b} to {r} or {b}: 1 - 1/2 * 2/3 = 2/3; {r} to {b}: 1. Six values: 3 {r}, 1 {r,b}, 2 {b}.
    # D_o = (1/6) * 2 * 2/3 = 2/9; D_e = 2 * (3 * 2/3 + 6 * 1 + 2 * 2/3) / (6 * 5) = 28/45.
    assert alpha([(RED, RED), (BOTH, RED), (BLUE, BLUE)], masi) == pytest.approx(1 - (2 / 9) / (28 / 45))


def test_masi_of_the_published_example_and_of_empty_sets():
    # Passonneau (2006) as NLTK documents it: {1,2} and {1,2,3,4} are 1 - 1/2 * 2/3 apart.
    assert masi(frozenset({1, 2}), frozenset({1, 2, 3, 4})) == pytest.approx(2 / 3)
    assert masi(NONE, NONE) == 0
    assert masi(NONE, RED) == 1
    assert alpha([(NONE, NONE), (RED, RED), (NONE, RED)], masi) == pytest.approx(4 / 9)


sets = st.frozensets(st.sampled_from("abc"))
tables = st.lists(st.tuples(*[st.none() | sets] * 3), min_size=1, max_size=12)


@settings(deadline=None)
@given(table=tables)
def test_masi_alpha_does_not_depend_on_order_and_never_exceeds_one(table):
    found = alpha(table, masi)
    assert found is None or found <= 1 + 1e-12
    assert alpha(table[::-1], masi) == pytest.approx(found)
    assert alpha([row[::-1] for row in table], masi) == pytest.approx(found)


@settings(deadline=None)
@given(table=tables)
def test_with_one_label_a_sentence_masi_is_nominal(table):
    single = [tuple(None if cell is None else frozenset(sorted(cell)[:1]) for cell in row) for row in table]
    assert alpha(single, masi) == pytest.approx(alpha(single))


def test_the_interval_of_sets_holds_their_alpha():
    rows = [(RED, RED), (BOTH, RED), (BLUE, BLUE), (NONE, NONE), (NONE, RED), (BLUE, BOTH)] * 5
    found = agreement(rows, range(30), draws=100, seed=0, distance=masi)
    assert found.low < found.alpha < found.high
    assert found.alpha == alpha(rows, masi)


@pytest.fixture
def three(write):
    """Anna labels all, Ben the first four, Cleo the last three."""
    anna = [label(0, "red"), label(1, "red", "blue"), label(2), label(3, "blue"), label(4, "green"), label(5)]
    ben = [label(0, "red", voice="attributed"), label(1, "red"), label(2), label(3, "green")]
    cleo = [label(3, "blue"), label(4, "green"), label(5, "red")]
    return {"anna": anna, "ben": ben, "cleo": cleo}, write(SENTENCES)


def passes_of(three, write):
    labels, sentences = three
    rows = [row | {"annotator": name} for name, own in labels.items() for row in own]
    return load_passes(make_codebook(), [write(rows, "all.jsonl")], read_sentences(sentences))


def test_one_file_with_annotators_is_the_same_as_a_file_each(three, write):
    labels, sentences = three
    together = passes_of(three, write)
    each = load_passes(
        make_codebook(), [write(own, name) for name, own in labels.items()], read_sentences(sentences)
    )
    assert together.names == each.names == ("anna", "ben", "cleo")
    for name in ("frames", "voices"):
        assert getattr(together, name) == getattr(each, name)
    arguments = {"by_article": True, "draws": 20, "seed": 0}
    assert alpha_table(together, **arguments).equals(alpha_table(each, **arguments))


def test_an_annotator_may_stand_in_several_files(three, write):
    labels, sentences = three
    first, second = (
        [row | {"annotator": "anna"} for row in part] for part in (labels["anna"][:3], labels["anna"][3:])
    )
    paths = [write(first, "1.jsonl"), write(labels["ben"], "ben"), write(second, "2.jsonl")]
    passes = load_passes(make_codebook(), paths, read_sentences(sentences))
    assert passes.names == ("anna", "ben")
    assert None not in passes.frames[0]


def test_files_of_one_name_are_told_apart_by_their_folders(three, write, tmp_path):
    labels, sentences = three
    paths = []
    for name in ("anna", "ben"):
        (tmp_path / name).mkdir()
        paths.append(write(labels[name], f"{name}/labels.jsonl"))
    assert load_passes(make_codebook(), paths, read_sentences(sentences)).names == tuple(paths)


def test_a_sentence_twice_by_one_annotator_is_named_in_one_file_and_across_files(three, write):
    labels, sentences = three
    own = [row | {"annotator": "anna"} for row in labels["anna"]]
    for paths in (
        [write([*own, own[1]], "twice.jsonl"), write(labels["ben"], "b.jsonl")],
        [write(own, "a.jsonl"), write(own[1:2], "c.jsonl"), write(labels["ben"], "b.jsonl")],
    ):
        with pytest.raises(CorpusError, match="'s1'") as raised:
            load_passes(make_codebook(), paths, read_sentences(sentences))
        assert len(raised.value.problems) == 1


def test_two_annotators_may_label_a_sentence_but_an_unknown_label_is_named(three, write):
    _, sentences = three
    rows = [label(0, "red", annotator="anna"), label(0, "rod", annotator="ben")]
    with pytest.raises(CorpusError, match="line 2, frames: found 'rod'"):
        load_passes(make_codebook(), [write(rows, "all.jsonl")], read_sentences(sentences))


def test_one_annotator_is_too_few(three, write):
    labels, sentences = three
    with pytest.raises(FramingError, match=r"found 1 annotator\(s\) \(anna\)"):
        load_passes(make_codebook(), [write(labels["anna"], "anna")], read_sentences(sentences))
    with pytest.raises(FramingError, match=r"found 0 annotator\(s\) \(none\)"):
        load_passes(make_codebook(), [], read_sentences(sentences))


def test_alpha_by_frame_by_set_and_voice_with_missing_labels(three, write):
    table = alpha_table(passes_of(three, write), by_article=False, draws=10, seed=0)
    assert table["label"].to_list() == ["red", "blue", "green", ALL_FRAMES, "voice"]
    assert table["sentences"].to_list() == [6, 6, 6, 6, 4]
    no_voice = load_passes(
        make_codebook(voices=()),
        [write([row | {"voice": None} for row in own], name) for name, own in three[0].items()],
        read_sentences(three[1]),
    )
    assert alpha_table(no_voice, by_article=False, draws=2, seed=0)["label"].to_list()[-1] == ALL_FRAMES
    assert voice_confusion(no_voice).height == 0


def test_confusion_counts_every_sentence_that_both_labelled_once(three, write):
    passes = passes_of(three, write)
    table = confusion(passes)
    assert table.select("first", "second").unique().height == len(list(combinations("abc", 2)))
    sums = dict(
        table.select(
            table["first"] + table["second"],
            n=table["both"] + table["only_first"] + table["only_second"] + table["neither"],
        ).iter_rows()
    )
    assert sums == {"annaben": 4, "annacleo": 3, "bencleo": 1}
    assert ("anna", "ben", "blue", 0, 2, 0, 2) in table.rows()
    assert ("anna", "ben", "red", 2, 0, 0, 2) in table.rows()
    assert ("anna", "cleo", "red", 0, 0, 1, 2) in table.rows()


def test_confusion_of_voices_counts_every_sentence_that_both_labelled_once(three, write):
    table = voice_confusion(passes_of(three, write))
    found = {row[:4]: row[4] for row in table.rows()}
    assert found["anna", "ben", "asserted", "attributed"] == 1
    assert found["anna", "ben", "asserted", "asserted"] == 2
    assert found["anna", "ben", "(none)", "(none)"] == 1
    assert found["anna", "cleo", "(none)", "asserted"] == 1
    assert sum(count for pair, count in found.items() if pair[:2] == ("ben", "cleo")) == 1


def test_a_disagreement_of_any_two_is_listed_also_where_the_first_gave_none(write):
    rows = [label(0, "red", annotator="b"), label(0, "blue", annotator="c"), label(1, annotator="a")]
    rows += [label(1, annotator="b"), label(2, "red", annotator="a")]
    passes = load_passes(make_codebook(), [write(rows[::-1], "all.jsonl")], read_sentences(write(SENTENCES)))
    assert passes.names[0] == "a"
    assert disagreements(passes)["id"].to_list() == ["s0"]


def test_the_command_reads_one_file_and_writes_the_confusion(command, write, tmp_path):
    rows = [
        {
            "id": f"seed-000:00{n}",
            "frames": frames,
            "voice": "asserted" if frames else None,
            "annotator": name,
        }
        for name, labels in {"a": [["capture"], ["advantage"], []], "b": [["capture"], [], []]}.items()
        for n, frames in enumerate(labels)
    ]
    done = command(
        "agreement", f"passes=[{write(rows, 'all.jsonl')}]", "draws=20", f"output={tmp_path}/agreement"
    )
    assert done.returncode == 0, done.stderr
    assert "2 annotators" in done.stdout
    assert "a,b,advantage,0,1,0,2" in (tmp_path / "agreement" / "confusion.csv").read_text()
    assert "a,b,asserted,(none),1" in (tmp_path / "agreement" / "voice_confusion.csv").read_text()
