import re

import polars as pl
import pytest

from framing.core.data_config import OnNearDuplicates
from framing.core.errors import CorpusError, Problem
from framing.data.division import NearDuplicateRule
from framing.evaluation.overview import EvaluationSettings
from framing.evaluation.spelling import Spellings
from framing.examination import Examination
from framing.models.majority import Majority
from framing.pipeline import TrainingPlan, train
from framing.reporting.console import console, print_table
from framing.reporting.figures import label_counts_figure
from framing.reporting.sections import with_interval
from framing.tracking.tracker import NoTracker, RunDescription
from tests.conftest import distinct, make_codebook, make_rows
from tests.lexicon_tables import RULES
from tests.test_data import load

EVIL = "<script>document.title='broken'</script> & \"quotes\""


@pytest.fixture
def run(write, tmp_path):
    """Train on sentences of which one tries to break the page; return the results and their folder."""

    def train_on(rows, codebook=None):
        from framing.data.splits import at_random

        plan = TrainingPlan(
            run=RunDescription("a run", {}),
            folder=tmp_path / "run",
            split=lambda corpus: at_random(corpus, folds=2, seed=0),
            split_name="random",
            near_duplicates=NearDuplicateRule(OnNearDuplicates.keep, 0.8, Spellings(())),
            models={"majority": Majority(), "again": Majority()},
            threshold=0.3,
            inner=None,
            unfinished=tmp_path / "unfinished",
            resume=False,
            helping=False,
            examination=Examination(EvaluationSettings(200, 0, "asserted", None), None, 0, 0, None, 100),
            label_origin="Made up for a test.",
            lexicon=RULES,
            quarantine=False,
            keep_single_source_frames=True,
        )
        return train(plan, load(write(rows), codebook), NoTracker()), tmp_path / "run"

    return train_on


def test_text_of_a_run_is_escaped_and_its_page_needs_no_network(run):
    rows = make_rows()
    rows[1]["text"] = EVIL
    rows[2]["source"] = "<b>bold</b>"
    _, folder = run(rows)
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert EVIL not in page
    assert "<b>bold</b>" not in page
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", page)
    assert len(page) < 2_000_000


def test_a_corpus_with_one_source_and_no_voice_still_gets_its_page(run):
    results, folder = run(make_rows(sources=("only",), per_source=12), make_codebook(voices=()))
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Scores by voice" not in page
    assert "one source, so there is no lexicon" in page
    assert results.lexicon is None
    assert not (folder / "lexicon").exists()
    assert "voice_macro_f1" not in results.metrics()


def test_metrics_name_the_model_plainly_and_the_baselines_by_prefix(run):
    results, _ = run(make_rows())
    metrics = results.metrics()
    assert metrics["macro_f1"] == metrics["again/macro_f1"]
    assert {
        "f1/red",
        "support/green",
        "source_macro_f1/north",
        "voice_f1/asserted",
        "difference/again",
    } <= metrics.keys()


def test_enough_documents_need_no_warning(run):
    rows = [
        row
        | {
            "id": f"{copy}{row['id']}",
            "article": f"{copy}{row['article']}",
            "text": f"{copy} {row['id']} {row['text']}",
        }
        for copy in range(20)
        for row in make_rows(per_source=6)
    ]
    results, _ = run(distinct(rows))
    [notice] = results.notices
    assert "articles are learned from and scored in the same fold" in notice
    assert set(results.lexicon.comparisons["inference"]) == {"documents"}


def test_sentences_copied_between_sources_and_missing_articles_are_said(run):
    rows = [row | {"id": f"{copy}{row['id']}", "article": None} for copy in range(4) for row in make_rows()]
    results, _ = run(rows)
    said = " ".join(results.notices)
    assert "have a near-duplicate (similarity above 0.8) in what is learned from" in said
    assert "Lexicon: Every sentence is an article of its own" in said


def test_the_figure_of_labels_draws_every_count():
    counts = pl.DataFrame({"source": ["x", "y"], "frame": ["a", "a"], "sentences": [2, 3]})
    assert sum(bar.get_width() for bar in label_counts_figure(counts).axes[0].patches) == 5


def test_a_run_writes_its_model_card_beside_the_model(run):
    _, folder = run(make_rows())
    card = (folder / "model" / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\n")
    assert "Made up for a test." in card
    assert "macro F1" in card


def test_tables_are_not_folded_in_a_log(capsys):
    print_table("long", pl.DataFrame({"text": ["word " * 60], "score": [0.123456], "none": [None]}))
    printed = capsys.readouterr().out
    assert "word " * 50 in printed
    assert "0.12" in printed
    assert console(stderr=True).width >= 80


def test_a_small_p_does_not_look_like_zero(capsys):
    print_table("terms", pl.DataFrame({"p": [1e-9, 0.0314], "q": [0.9996, None], "log_odds": [0.0001, 2.5]}))
    printed = capsys.readouterr().out
    assert re.search(r"<0.001 +│ +>0.999 +│ +0.00", printed)
    assert re.search(r"0.031 +│ +- +│ +2.50", printed)


def test_many_problems_are_counted_and_the_first_are_shown():
    problems = [Problem("f", line, "text", f"x{line}", "y", "Mend it.") for line in range(1, 31)]
    message = str(CorpusError(problems))
    assert "30 problem(s)" in message
    assert message.count("Mend it.") == 20
    assert "and 10 more" in message


def test_problems_that_differ_in_their_rows_alone_are_told_together():
    alike = [
        Problem("f", line, "frames", "'x'", "y", "Mend it.", row=f"id-{line}") for line in (4, 9, 12, 20)
    ]
    message = str(
        CorpusError([*alike, Problem("g", 2, "", "q", "y", "Mend it."), Problem("h", 0, "", "z", "y", "!")])
    )
    assert "6 problem(s)" in message
    assert (
        "  f, lines 4 (id-4), 9 (id-9), 12 (id-12) and 1 more, frames: found 'x' in 4 rows; expected y."
        in message
    )
    assert "  g, line 2: found q; expected y. Mend it." in message
    assert "  h: found z; expected y. !" in message
    assert str(alike[0]) == "f, line 4, frames: found 'x' (id-4); expected y. Mend it."
    rows = [Problem("f", line, "text", "nothing", "a text", "!", "row") for line in (1, 2)]
    assert "f, rows 1, 2, text: found nothing in 2 rows" in str(CorpusError(rows))


def test_a_table_that_is_shown_with_its_interval_stays_as_it_was():
    table = pl.DataFrame({"model": ["a"], "low": [0.1], "high": [0.2], "f1": [0.15]})
    shown = with_interval(table)
    assert shown.columns == ["model", "95% interval", "f1"]
    assert table.columns == ["model", "low", "high", "f1"]
