from dataclasses import replace

import polars as pl
import pytest

from framing.evaluation.findings import Findings
from framing.reporting.verdict import verdict, verdict_parts
from tests.evaluated import evaluated, from_a_file, single_label


@pytest.fixture(scope="module")
def whole():
    return evaluated(200)


def with_findings(whole, **tables):
    return replace(whole, findings=replace(whole.findings, **tables))


def compared(whole, **values):
    row = {"model": "transformer", "other": "dictionary", "difference": 0.04, "low": 0.01, "high": 0.07,
           "p": 0.01, "p_holm": 0.02, "detectable": 0.08}  # fmt: skip
    table = pl.DataFrame([row | values], schema_overrides={"low": pl.Float64, "high": pl.Float64})
    return " ".join(verdict_parts(with_findings(whole, comparisons=table))["Beside other models"])


def test_a_difference_is_called_one_only_if_its_interval_excludes_zero(whole):
    assert "it is better than the dictionary" in compared(whole)
    assert "it is worse than the dictionary" in compared(whole, difference=-0.04, low=-0.07, high=-0.01)
    for low, high in ((-0.01, 0.09), (0.0, 0.08), (-0.08, 0.0)):
        said = compared(whole, low=low, high=high)
        assert "not shown to be better or worse" in said
        assert "Differences under 0.08 would often stay unseen" in said
        assert "it is better" not in said


def test_a_difference_that_does_not_survive_holms_correction_is_doubted(whole):
    assert "no longer clear (Holm p = 0.060)" in compared(whole, p_holm=0.06)
    assert "no longer clear" not in compared(whole, p_holm=0.05)


def test_without_an_interval_nothing_is_called_a_difference(whole):
    for missing in (None, float("nan")):
        said = compared(whole, low=missing, high=missing)
        assert "may be chance" in said
        assert "better" not in said


def test_the_baselines_come_first_and_many_comparisons_are_counted(whole):
    row = whole.findings.comparisons.row(0, named=True)
    others = ["a", "b", "c", "d", "majority", "e", "dictionary", "f"]
    table = pl.DataFrame([row | {"other": other} for other in others])
    said = verdict_parts(with_findings(whole, comparisons=table))["Beside other models"]
    assert "the dictionary" in said[0]
    assert "majority" in said[1]
    assert said[6] == "2 more comparisons can be read in the table."


def test_a_missing_dictionary_is_said_unless_the_model_is_one(whole):
    alone = with_findings(whole, models=whole.findings.models.head(1), comparisons=pl.DataFrame())
    assert any("No dictionary stood beside it" in line for line in verdict(alone))
    assert not any("No dictionary" in line for line in verdict(whole))
    models = alone.findings.models.with_columns(model=pl.lit("dictionary"))
    itself = replace(with_findings(alone, models=models), model="dictionary")
    assert not any("No dictionary" in line for line in verdict(itself))


def test_the_score_stands_with_its_interval_or_with_the_reason_that_there_is_none(whole):
    row = whole.findings.models.row(0, named=True)
    assert f"macro F1 of {row['macro_f1']:.2f} (95% interval {row['low']:.2f} to " in verdict(whole)[0]
    assert "no interval: too few groups" in verdict(from_a_file())[0]
    nothing = with_findings(
        whole, models=whole.findings.models.with_columns(macro_f1=pl.lit(None, pl.Float64))
    )
    assert "There is no score" in verdict(nothing)[0]


def test_a_file_from_outside_is_not_said_to_be_out_of_sample(whole):
    assert any("not fitted on it" in line for line in verdict(whole))
    outside = " ".join(verdict(from_a_file()))
    assert "not fitted on it" not in outside
    assert "cannot be seen here" in outside


def test_frames_without_support_or_never_predicted_are_told_apart_from_weak_ones(whole):
    frames = pl.DataFrame(
        {
            "frame": ["a", "b", "c", "d"],
            "f1": [0.9, 0.4, 0.0, None],
            "support": [50, 30, 8, 0],
            "predicted": [40, 9, 0, 3],
        }
    )
    said = " ".join(verdict(with_findings(whole, frames=frames)))
    assert "It never finds c (8 labelled)." in said
    assert "weakest on b (F1 0.40) and a (F1 0.90)" in said
    assert "No sentence is labelled d, so nothing is known" in said
    assert "Fewer than 20 sentences are labelled c:" in said


def test_of_a_change_that_few_sentences_had_nothing_is_said(whole):
    rows = [
        {"perturbation": "rare", "sentences": 9, "as_expected": 0, "share": 0.0},
        {"perturbation": "usual", "sentences": 10, "as_expected": 5, "share": 0.5},
    ]
    said = " ".join(verdict(with_findings(whole, perturbations=pl.DataFrame(rows))))
    assert '"usual" goes wrong most: 5 of 10' in said
    assert "rare" not in said


@pytest.mark.parametrize(
    ("frame", "taken_for", "words"),
    [
        ("capture", "(nothing wrong)", "capture is missed, and no other frame is given in its place"),
        ("(nothing missed)", "capture", "capture is given where it is not labelled, and nothing is missed"),
        ("capture", "liberation", "liberation is given where capture is labelled"),
    ],
)
def test_the_commonest_mistake_is_named_for_what_it_is(whole, frame, taken_for, words):
    table = pl.DataFrame({"frame": [frame], "taken_for": [taken_for], "sentences": [4]})
    said = verdict(with_findings(whole, frame_confusion=table))
    assert f"The commonest mistake: {words} (4 sentences)." in said


def test_sources_are_never_named(whole):
    said = " ".join(verdict(whole))
    assert not any(source in said for source in whole.sources())
    assert "compares no sources" in said


def test_mentions_taken_for_use_are_counted_and_none_is_not_said(whole):
    assert "It took 19 of the 98 attributed frames" in " ".join(verdict(whole))
    none = whole.findings.mentions.with_columns(taken_for_use=pl.lit(0))
    assert "It took" not in " ".join(verdict(with_findings(whole, mentions=none)))


def test_another_split_is_reported_with_its_gap_and_the_runs_own_is_not(whole):
    assert "split random, the same model scores 0.66 (+0.08, without an interval)" in " ".join(verdict(whole))
    own = pl.DataFrame({"split": ["leave_one_source_out"], "macro_f1": [0.5], "gap": [0.0]})
    assert "Divided by" not in " ".join(verdict(with_findings(whole, splits=own)))


def test_every_verdict_ends_with_what_must_not_be_concluded_and_tables_without_rows_say_nothing(whole):
    bare = replace(whole, findings=Findings(models=whole.findings.models, frames=whole.findings.frames))
    for each in (whole, single_label(), from_a_file(), bare):
        assert verdict(each)[-1].startswith("Do not conclude")
    assert len(verdict(bare)) < len(verdict(whole))


def test_one_source_is_said_to_be_one(whole):
    one = replace(whole, sentences=whole.sentences.with_columns(source=pl.lit("only")))
    assert "One source cannot show how it does on any other." in verdict(one)


@pytest.mark.parametrize(("low", "said"), [(None, True), (0.4, False)])
def test_intervals_over_single_sentences_of_few_articles_are_said_to_be_such(whole, low, said):
    row = {"model": whole.model, "drawn": "article", "groups": 5, "macro_f1": 0.5, "low": low, "high": 0.6}
    intervals = pl.DataFrame([row], schema_overrides={"low": pl.Float64})
    words = "All intervals draw single sentences of 5 articles: they say nothing about other articles."
    assert (words in verdict(with_findings(whole, intervals=intervals))) is said
