import json
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser

import polars as pl
import pytest

from framing.core.codebook import Frame
from framing.evaluation.findings import Findings
from framing.reporting import evaluation_figures as drawing
from framing.reporting.console import print_evaluation
from framing.reporting.evaluation_page import evaluation_page, page_sections
from framing.reporting.sections import block, changed, matrix
from framing.reporting.sections_words import LEXICON_PAGE
from framing.reporting.sentence_data import BYTES, passages, sentence_data
from framing.reporting.writing import write_evaluation
from tests.evaluated import SOURCES, WORDS, evaluated, from_a_file, single_label

EVIL = "🛡 Troops captured </script><script>document.title='broken'</script>\u2028<img src=x onerror=alert(1)> & \"quotes\" 🛡"


@pytest.fixture(scope="module")
def whole():
    made = evaluated(120)
    evil = pl.when(pl.col("id") == "agency_a-000").then(pl.lit(EVIL)).otherwise("text").alias("text")
    others = made.findings.contributions.filter(pl.col("id") != "agency_a-000")
    at = EVIL.index("captured")
    why = pl.DataFrame(
        {"id": "agency_a-000", "frame": "capture", "start": at, "end": at + 8, "contribution": 1.6}
    )
    findings = replace(made.findings, contributions=pl.concat([why, others]))
    return replace(
        made, sentences=made.sentences.with_columns(evil), name="run <b>one</b>", findings=findings
    )


@pytest.fixture(scope="module")
def page(whole):
    return evaluation_page(whole, drawing.evaluation_figures(whole))


class Outline(HTMLParser):
    """What an accessible page must have, read off its tags."""

    def __init__(self, page):
        super().__init__()
        self.headings, self.headers, self.unlabelled, self.images, self.depth = [], [], [], [], 0
        self.ids, self.targets, self.scripts = [], [], 0
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if re.fullmatch(r"h\d", tag):
            self.headings.append(int(tag[1]))
        if tag == "th":
            self.headers.append(given.get("scope"))
        if tag == "label":
            self.depth += 1
        if tag in ("select", "input") and not self.depth:
            self.unlabelled.append(tag)
        if tag == "img":
            self.images.append(given)
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a":
            self.targets.append(given["href"].removeprefix("#"))
        self.scripts += tag == "script"

    def handle_endtag(self, tag):
        self.depth -= tag == "label"


def test_no_text_of_the_corpus_becomes_markup(whole, page):
    assert Outline(page).scripts == 2
    assert "run <b>one</b>" not in page
    assert "run &lt;b&gt;one&lt;/b&gt;" in page
    assert "<img src=x" not in page
    assert "\u2028<img" not in page
    assert sentence_data(whole)[0].count("\u2028") == 0


def test_the_embedded_data_are_the_sentences_exactly(whole, page):
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S).group(1)
    records = json.loads(data)
    assert [record["id"] for record in records] == whole.sentences["id"].to_list()
    assert records[0]["text"] == EVIL
    for record, row in zip(records, whole.sentences.iter_rows(named=True), strict=True):
        assert ";".join(record["frames"]) == row["frames"]
        assert ";".join(record["predicted"]) == row["predicted_frames"]
        assert record.get("voice") == row["voice"]


def test_the_page_needs_no_network_and_is_small(page):
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", page)
    assert "default-src 'none'" in page
    assert "innerHTML" not in page
    assert len(page.encode()) < 500_000


def test_headings_tables_controls_and_pictures_can_be_read_without_eyes(page):
    outline = Outline(page)
    assert outline.headings[0] == 1
    assert outline.headings.count(1) == 1
    assert all(
        later <= earlier + 1 for earlier, later in zip(outline.headings, outline.headings[1:], strict=False)
    )
    assert set(outline.headers) == {"col", "row"}
    assert outline.unlabelled == []
    assert len(outline.images) == 7
    assert all(image["alt"] and image["src"].startswith("data:image/svg+xml") for image in outline.images)
    assert len(set(outline.ids)) == len(outline.ids)
    assert set(outline.targets) - {LEXICON_PAGE} <= set(outline.ids)


def test_without_javascript_the_first_hundred_sentences_stand_in_a_table(whole, page):
    inside = page.split("<noscript>")[1].split("</noscript>")[0]
    assert "the first 100 sentences, without filters" in inside
    assert re.findall(r'<th scope="row">(.*?)</th>', inside) == whole.sentences["id"].head(100).to_list()
    assert "&lt;/script&gt;&lt;script&gt;document" in inside
    assert '<div id="browser" hidden>' in page


def test_sections_stand_in_order_and_only_with_rows(whole):
    order = [
        "models", "comparisons", "frames", "failures", "mentions", "probes", "splits", "perturbations", "sets",
        "calibration", "learning", "words", "whose", "issues", "prevalence", "lexicon",
    ]  # fmt: skip
    assert [section.id for section in page_sections(whole)] == order
    assert all(section.reading and section.limit for section in page_sections(whole))
    bare = replace(
        whole, findings=Findings(models=whole.findings.models, frames=whole.findings.frames), lexicon=None
    )
    assert [section.id for section in page_sections(bare)] == ["models", "frames"]


@pytest.mark.parametrize(
    "name", sorted(Findings(pl.DataFrame(), pl.DataFrame()).__dict__.keys() - {"notices"})
)
def test_every_table_may_be_missing_alone(whole, name):
    lacking = replace(whole, findings=replace(whole.findings, **{name: pl.DataFrame()}))
    if name in ("models", "frames"):
        lacking = replace(
            lacking, findings=replace(lacking.findings, **{name: getattr(whole.findings, name).clear()})
        )
    assert "Sentences" in evaluation_page(lacking, {})


@pytest.mark.parametrize("nothing", [pl.lit(None), pl.lit(None, pl.Float64), pl.lit(float("nan"))], ids=str)
def test_numbers_that_are_missing_are_shown_as_missing(whole, nothing):
    tables = {
        name: table.with_columns(
            nothing.alias(column) for column, dtype in table.schema.items() if dtype.is_float()
        )
        for name, table in whole.findings.tables().items()
        if name != "contributions"
    }
    unknown = replace(whole, findings=replace(whole.findings, **tables), lexicon=None)
    page = evaluation_page(unknown, drawing.evaluation_figures(unknown))
    assert not re.search(r"\b[+-]?nan\b|\bNone\b", page)
    assert "There is no score" in page


def test_a_single_label_codebook_without_voices_has_its_page():
    made = single_label()
    page = evaluation_page(made, {})
    assert 'data-filter="voice"' not in page
    assert 'value="voice"' not in page
    assert 'id="mentions"' not in page


def test_labels_alone_from_a_file_without_sources_have_their_page():
    made = from_a_file()
    page = evaluation_page(made, drawing.evaluation_figures(made))
    assert "predictions from a file" in page
    assert 'data-filter="source"' not in page
    assert "There are no probabilities" in page
    assert 'id="calibration"' not in page


def test_the_page_stays_under_2_mb_whatever_the_corpus_holds():
    made = evaluated(60)
    wide = pl.concat([made.sentences] * 50).with_columns(
        pl.lit("&<\u2028\"🛡" * 4000).alias("text"),
        pl.concat_str(pl.lit("source-"), pl.int_range(3000).cast(pl.String)).alias("source"),
    ).with_columns(id=pl.concat_str("id", pl.int_range(3000).cast(pl.String)))  # fmt: skip
    many = [f"frame_{number}" for number in range(80)]
    book = replace(made.codebook, frames=tuple(Frame(name, "", "", "", (), ()) for name in many))
    grid = pl.DataFrame({"source": wide["source"]}).join(pl.DataFrame({"frame": many}), how="cross")
    counts = grid.with_columns(sentences=pl.lit(3))
    shares = counts.with_columns(labelled=0.1, predicted=0.1, corrected=0.1, low=0.05, high=0.2)
    slices = pl.DataFrame({"part": wide["source"]}).with_columns(
        by=pl.lit("source"),
        sentences=1,
        frames=1,
        macro_f1=0.5,
        low=0.4,
        high=0.6,
        micro_f1=0.5,
        exact_match=0.5,
    )
    findings = replace(made.findings, prevalence=shares, slices=slices, notices=["A notice. " * 9] * 500)
    large = replace(made, codebook=book, sentences=wide, findings=findings, label_counts=counts)
    page = evaluation_page(large, drawing.evaluation_figures(large))
    assert len(page.encode()) < 2_000_000
    data, shown = sentence_data(large)
    assert len(data.encode()) <= BYTES
    assert 0 < shown < 3000
    assert f"{shown:,} of 3,000 sentences are on this page" in page
    assert "2940 more rows stand in tables/slices.csv only" in page


def test_words_are_marked_by_the_sum_of_what_covers_them():
    assert passages([(0, 8, 1.0), (9, 13, -0.5), (0, 13, 0.25)]) == [
        (0, 8, 1.25),
        (8, 9, 0.25),
        (9, 13, -0.25),
    ]
    assert passages([(0, 4, 1.0), (5, 9, 0.1)]) == [(0, 4, 1.0)]
    assert len(passages([(2 * place, 2 * place + 1, 1.0) for place in range(50)])) == 12
    assert passages([(0, 4, 0.0)]) == []
    assert passages([]) == []


def test_what_a_change_touched_is_set_apart_and_both_texts_stay_whole():
    row = {"id": "a", "perturbation": "they_say", "before": "Troops took Dorn.", "after": "They say troops took Dorn.",
           "frames_before": "capture;advantage", "frames_after": None, "voice_before": "asserted", "voice_after": None}  # fmt: skip
    made = changed(row, 100)
    assert "".join(text for text, _ in made.before) == row["before"]
    assert "".join(text for text, _ in made.after) == row["after"]
    assert "They say " in "".join(text for text, touched in made.after if touched)
    assert (" took Dorn.", False) in made.after
    assert made.predicted_before == "capture + advantage, asserted"
    assert made.predicted_after == "no frame"


def test_a_long_table_says_what_it_hides_and_an_interval_is_one_column():
    table = pl.DataFrame(
        {"part": [str(row) for row in range(70)], "low": [0.1] * 70, "high": [0.2] * 69 + [None]}
    )
    made = block("parts", table, "slices")
    assert made.hidden == 10
    assert made.table.columns == ["part", "95% interval"]
    assert made.table["95% interval"][0] == "0.10 to 0.20"
    none = block(
        "parts", table.tail(1).with_columns(average_precision=pl.lit(None, pl.Float64)), "slices"
    ).table
    assert none.rows() == [("69", None)]


def test_a_matrix_has_a_cell_for_every_two_and_none_where_nothing_was_counted():
    counts = pl.DataFrame({"voice": ["a", "b"], "predicted": ["a", None], "sentences": [3, 4]})
    made = matrix("voices", counts, "voice", "predicted", "sentences", "voice_confusion")
    assert made.table.rows() == [("a", 3, None), ("b", None, 4)]
    assert made.table.columns[1:] == ["a", "none"]
    assert made.largest() == 4


def test_sources_stand_in_alphabetical_order(whole):
    shuffled = replace(
        whole,
        findings=replace(
            whole.findings,
            prevalence=whole.findings.prevalence.reverse(),
            slices=whole.findings.slices.reverse(),
            calibration=whole.findings.calibration.reverse(),
        ),
    )
    sections = {section.id: section for section in page_sections(shuffled)}
    for name, caption in (
        ("prevalence", "Corrected share"),
        ("failures", "By source"),
        ("calibration", "ECE by source"),
    ):
        table = next(each.table for each in sections[name].blocks if each.caption.startswith(caption))
        assert table.to_series(0).to_list() == sorted(SOURCES)


def test_figures_draw_every_row_and_nothing_where_there_is_no_number(whole):
    found = whole.findings
    axes = drawing.intervals_figure(found.models.drop("low", "high")).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == found.models["model"].to_list()
    never = found.frames.with_columns(predicted=pl.lit(0))
    precision = drawing.frame_intervals_figure(never).axes[0].collections[0]
    assert precision.get_offsets().mask.all()
    recall = drawing.frame_intervals_figure(never).axes[0].collections[1]
    assert len(recall.get_offsets().compressed()) == 2 * len(WORDS)
    labels = drawing.slices_figure(found.slices, 0.5).axes[0].get_yticklabels()
    assert len(labels) == found.slices.filter(pl.col("frames") > 0).height
    assert drawing.learning_curve_figure(found.learning_curve, pl.DataFrame()).axes[0].get_xlim()[0] == 0
    one = found.reliability.filter(pl.col("scaling") == "none").drop_nulls()
    assert len(drawing.reliability_figure(one).axes[0].collections[0].get_offsets()) == one.height


def test_the_same_evaluation_gives_the_same_page(whole):
    figures = [drawing.evaluation_figures(whole) for _ in range(2)]
    assert evaluation_page(whole, figures[0]) == evaluation_page(whole, figures[1])


def test_everything_is_written_into_the_folder(whole, tmp_path):
    write_evaluation(whole, tmp_path)
    tables = {path.stem for path in (tmp_path / "tables").iterdir()}
    assert set(whole.findings.tables()) | {"predictions", "label_counts"} == tables
    assert (tmp_path / "figures" / "frames.png").stat().st_size > 1000
    assert (tmp_path / "report.html").is_file()
    assert LEXICON_PAGE in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert (tmp_path / LEXICON_PAGE).is_file()
    assert (tmp_path / "lexicon" / "tables" / "terms.csv").is_file()
    assert (tmp_path / "lexicon" / "figures" / "terms.png").is_file()


def test_the_console_shows_intervals_the_verdict_and_notices(whole, capsys):
    print_evaluation(whole, "outputs/run", ["experiment 3"])
    printed = capsys.readouterr().out
    for words in (
        "95% interval",
        "Do not conclude",
        "note  The split by time",
        "outputs/run",
        "experiment 3",
    ):
        assert words in printed


@pytest.fixture(scope="module")
def browse(page, tmp_path_factory):
    """Open the page in a browser without a window; return the document as it then is, and its complaints."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    assert browser, "this test drives a real browser: install Debian's package chromium"
    folder = tmp_path_factory.mktemp("browser")

    def open_page(place="", script="", *options):
        probed = page.replace("</body>", f"<script>{script}</script></body>")
        (folder / "report.html").write_text(probed, encoding="utf-8")
        done = subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--enable-logging=stderr",
             "--disable-background-networking", f"--user-data-dir={folder}/profile", *options, "--dump-dom",
             f"file://{folder}/report.html{place}"],
            capture_output=True, text=True, check=True, timeout=120,
        )  # fmt: skip
        return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]

    return open_page


def shown(document):
    listed = re.search(r'<ol id="list">(.*?)</ol>', document, re.S).group(1)
    return re.findall(r"<li>(.*?)</li>", listed, re.S)


@pytest.mark.slow
def test_the_page_opens_in_a_browser_without_complaint_and_shows_evil_text_as_text(browse):
    document, complaints = browse()
    assert complaints == []
    assert "<title>run &lt;b&gt;one&lt;/b&gt;</title>" in document
    assert "120 of 120 sentences" in document
    assert len(shown(document)) == 50
    assert "page 1 of 3" in document
    assert "&lt;/script&gt;&lt;script&gt;document.title='broken'" in shown(document)[0]


@pytest.mark.slow
def test_filters_can_be_set_by_the_address_and_select_what_they_say(browse, whole):
    rows = whole.sentences.with_columns(pl.col("frames", "predicted_frames").str.split(";"))
    capture = rows.filter(pl.col("frames").list.contains("capture") & (pl.col("source") == "daily_news"))
    missed = capture.filter(~pl.col("predicted_frames").list.contains("capture"))
    document, complaints = browse("#frame=capture&source=daily_news&error=missed")
    assert complaints == []
    assert missed.height > 0
    assert f"{missed.height} of 120 sentences" in document
    assert all(identity in " ".join(shown(document)) for identity in missed["id"])
    assert all("✗ missed capture" in item for item in shown(document))
    third, _ = browse("#page=3")
    assert len(shown(third)) == 20
    none, complaints = browse("#text=nowhere-at-all&source=unknown")
    assert "0 of 120 sentences" in none
    assert complaints == []


@pytest.mark.slow
def test_words_are_marked_for_the_frame_that_is_chosen_and_offsets_count_characters(browse):
    document, _ = browse("#frame=capture&error=right")
    marked = shown(document)
    assert marked
    assert all(">captured</mark>" in item for item in marked)
    evil = next(item for item in shown(browse("#frame=capture")[0]) if "agency_a-000" in item)
    assert "🛡 Troops <mark" in evil
    assert ">captured</mark> &lt;/script&gt;" in evil
    assert all(
        re.search(r'<mark class="towards strong"[^>]*title="\+\d\.\d\d for capture"', item) for item in marked
    )
    assert all('aria-pressed="true">✓ capture' in item for item in marked)


@pytest.mark.slow
def test_controls_work_when_they_are_used(browse):
    script = """
      const select = document.querySelector("[data-filter=source]");
      select.value = "the_post"; select.dispatchEvent(new Event("change"));
      const search = document.querySelector("[data-filter=text]");
      search.value = "TROOPS"; search.dispatchEvent(new Event("input"));
      const unpressed = document.querySelector("#list button[aria-pressed=false]");
      unpressed.click();
      document.title = `${unpressed.getAttribute("aria-pressed")} ${location.hash} ${unpressed.closest("li").querySelectorAll("[aria-pressed=true]").length}`;
    """
    document, complaints = browse("", script)
    assert complaints == []
    assert "<title>true #source=the_post&amp;text=TROOPS 1</title>" in document
    assert "24 of 120 sentences" in document
