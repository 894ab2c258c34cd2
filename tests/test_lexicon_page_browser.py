"""The lexicon page in a real browser: what its controls do, and that no text of a corpus can do anything."""

import html
import json
import re
import shutil
import subprocess
from dataclasses import replace

import polars as pl
import pytest

from framing.evaluation.lexicon.tables import THE_REST, Lexicon
from framing.reporting.lexicon_data import NUMBERS
from framing.reporting.lexicon_page import lexicon_page
from tests import lexicon_tables as made

PROBE = """
const files = [], seen = {};
window.Blob = class { constructor(parts) { files.push(parts.join("")); } };
URL.createObjectURL = () => "#";
URL.revokeObjectURL = () => {};
HTMLAnchorElement.prototype.click = () => {};
const set = (name, value, kind = "change") => {
  const control = document.querySelector(`[data-state=${name}]`);
  control.value = value; control.dispatchEvent(new Event(kind, { bubbles: true }));
};
const press = (node, key) => node.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
const all = (what) => [...document.querySelectorAll(what)];
const terms = () => all("#term-table tbody th").map((each) => each.textContent);
const column = (name) => { const place = all(`#term-table thead [data-sort]`).map((each) => each.dataset.sort); return place.includes(name); };
const text = (id) => document.getElementById(id).textContent;
const button = (term) => all("button.term").find((each) => each.dataset.key === term);
"""


@pytest.fixture(scope="module")
def whole():
    return made.lexicon()


@pytest.fixture(scope="module")
def page(whole):
    return lexicon_page(whole, made.settings(), "run <b>one</b>")


@pytest.fixture(scope="module")
def browse(tmp_path_factory):
    """Open a page in a browser without a window; return what a script found there, and the complaints."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    assert browser, "this test drives a real browser: install Debian's package chromium"
    folder = tmp_path_factory.mktemp("browser")

    def open_page(page, script, place=""):
        end = f"<pre id='probe'></pre><script>{PROBE}{script}\ndocument.getElementById('probe').textContent = JSON.stringify(seen);</script></body>"
        (folder / "report.html").write_text(page.replace("</body>", end), encoding="utf-8")
        done = subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--enable-logging=stderr",
             "--disable-background-networking", f"--user-data-dir={folder}/profile", "--window-size=1280,900",
             "--dump-dom", f"file://{folder}/report.html{place}"],
            capture_output=True, text=True, check=True, timeout=120,
        )  # fmt: skip
        complaints = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        assert complaints == []
        seen = re.search(r'<pre id="probe">(.*?)</pre>', done.stdout, re.S).group(1)
        return json.loads(html.unescape(seen)), done.stdout

    return open_page


def test_evil_text_stays_text_and_controls_do_what_they_say(browse, page, whole):
    seen, document = browse(page, """
      seen.title = document.title;
      seen.first = terms().length; seen.dots = all("#scatter circle").length;
      seen.compared = text("compared");
      set("search", "<\\/SCRIPT>", "input"); seen.evil = terms(); seen.hash = location.hash;
      set("search", "", "input"); set("length", "2"); document.getElementById("further").click(); seen.two = terms();
      set("length", ""); set("direction", "second"); seen.second = all("#scatter circle.side-a").length;
      set("direction", "");
      const sort = (name) => document.querySelector(`[data-sort=${name}]`).click();
      sort("count"); seen.counts = all("#term-table tbody tr").map((row) => Number(row.children[3].textContent.replace(",", "")));
      seen.sorted = document.querySelector("[aria-sort]").getAttribute("aria-sort");
      sort("count"); seen.upwards = all("#term-table tbody tr").map((row) => Number(row.children[3].textContent.replace(",", "")));
      sort("count"); seen.unsorted = all("[aria-sort]").length;
      seen.dp = column("dp"); document.getElementById("more").click(); seen.more = column("dp");
    """)  # fmt: skip
    assert seen["title"] == "run <b>one</b>"
    assert "<b>bold" not in document.split("<script")[0]
    rest = whole.terms.filter((pl.col("group") == "Daily Courier") & (pl.col("other") == THE_REST))
    assert (seen["first"], seen["dots"]) == (30, rest.height)
    significant = whole.comparisons.filter(
        (pl.col("group") == "Daily Courier") & (pl.col("other") == THE_REST)
    )["significant"][0]
    assert f"{significant} of 240 terms differ at q ≤ 0.05" in seen["compared"]
    assert seen["evil"] == ["</script><script>document.title='broken'</script>"]
    assert "search=" in seen["hash"]
    assert all(len(term.split(" ")) == 2 for term in seen["two"])
    assert len(seen["two"]) > 30
    assert seen["second"] == 0
    assert seen["counts"] == sorted(seen["counts"], reverse=True)
    assert seen["upwards"] == sorted(seen["upwards"])
    assert (seen["sorted"], seen["unsorted"]) == ("descending", 0)
    assert (seen["dp"], seen["more"]) == (False, True)


def test_a_term_opens_its_sentences_by_click_by_key_and_by_address_and_gives_the_focus_back(
    browse, page, whole
):
    seen, _ = browse(page, """
      seen.address = text("panel-title"); seen.group = document.querySelector("[data-state=group]").value;
      press(document.body, "Escape"); seen.closed = document.getElementById("panel").hidden;
      const term = terms()[0]; button(term).click();
      seen.term = term; seen.title = text("panel-title"); seen.focus = document.activeElement.id;
      seen.marks = all("#panel mark").map((each) => each.textContent);
      seen.sides = all("#panel h3").map((each) => each.textContent);
      seen.items = all("#panel li").length; seen.hash = location.hash;
      document.getElementById("panel-close").click(); seen.back = document.activeElement.dataset.key;
      const dot = document.querySelector("#scatter circle[tabindex='0']"); dot.focus();
      seen.label = dot.getAttribute("aria-label"); seen.tip = text("tip");
      press(dot, "ArrowRight"); const next = document.activeElement; seen.next = next !== dot && next.localName;
      press(next, "Enter"); seen.byKey = text("panel-title") === next.dataset.key;
      all("#scatter circle")[0].dispatchEvent(new MouseEvent("click", { bubbles: true }));
      seen.byClick = text("panel-title") === all("#scatter circle.chosen")[0].dataset.key;
      press(document.body, "Escape"); seen.gone = all("#scatter circle.chosen").length;
    """, "#group=The+Gazette&term=referendum")  # fmt: skip
    assert (seen["address"], seen["group"], seen["closed"]) == ("referendum", "The Gazette", True)
    assert seen["title"] == seen["term"]
    assert seen["focus"] == "panel"
    assert set(seen["marks"]) == {seen["term"]}
    assert seen["sides"] == ["The Gazette", THE_REST]
    behind = whole.concordance.filter(pl.col("term") == seen["term"])
    assert seen["items"] == min(behind.height, 23)
    assert "term=" in seen["hash"]
    assert seen["back"] == seen["term"]
    assert "log-odds" in seen["label"]
    assert "95% interval" in seen["tip"]
    assert (seen["next"], seen["byKey"], seen["byClick"], seen["gone"]) == ("circle", True, True, 0)


@pytest.mark.slow
def test_a_pair_seen_from_the_other_side_has_the_opposite_sign_and_one_not_compared_is_not_tested(
    browse, whole
):
    some = whole.comparisons.filter(pl.col("other") != "Вестник")
    terms = whole.terms.filter(pl.col("other") != "Вестник")
    page = lexicon_page(replace(whole, comparisons=some, terms=terms), made.settings(), "pairs")
    seen, _ = browse(page, """
      const rows = () => Object.fromEntries(all("#term-table tbody tr").map((row) => [row.children[0].textContent, [...row.children].slice(1).map((each) => each.textContent)]));
      const maths = () => { document.getElementById("terms-csv").click(); return files.at(-1); };
      set("group", "Daily Courier"); set("other", "Evening Echo"); seen.own = rows(); seen.ownFile = maths();
      set("group", "Evening Echo"); set("other", "Daily Courier"); seen.turned = rows(); seen.turnedFile = maths();
      seen.rate = text("term-table").includes("per 10,000 words");
      set("other", "Вестник"); seen.untested = text("compared"); seen.words = text("term-table").includes("per 10,000 words"); seen.columns = all("#term-table [data-sort]").map((each) => each.dataset.sort);
      seen.solid = all("#scatter circle.solid").length; seen.dots = all("#scatter circle").length;
    """)  # fmt: skip
    both = set(seen["own"]) & set(seen["turned"])
    assert len(both) > 20
    for term in both:
        own, turned = seen["own"][term], seen["turned"][term]
        assert own[:6] == [turned[place] for place in (1, 0, 3, 2, 5, 4)]
        assert own[6][:5] in (turned[6][:5].replace("+", "−"), turned[6][:5].replace("−", "+"))
        assert own[7] == turned[7]
    own, turned = (
        pl.read_csv(seen[name].removeprefix("\ufeff").encode()).sort("term")
        for name in ("ownFile", "turnedFile")
    )
    for name in ("log_odds", "log_ratio", "simple_maths", "z_words", "g2", "text_g2"):
        assert own[name].to_list() == [-value for value in turned[name]]
    assert "were not compared by the run" in seen["untested"]
    # The page has no number of pairs of words of a group: rates are then over words, and say so.
    assert (seen["rate"], seen["words"]) == (False, True)
    assert "log_ratio" in seen["columns"]
    assert not {"q", "log_odds"} & set(seen["columns"])
    assert seen["solid"] == 0
    assert seen["dots"] > 50


@pytest.mark.slow
def test_rival_words_show_shares_with_n_hide_few_choices_and_open_their_sentences(browse, page, whole):
    seen, _ = browse(page, """
      seen.facts = all("#sets .set .note").map((each) => each.textContent);
      seen.groups = all("#sets .set")[0].querySelectorAll("tbody th").length;
      const cell = document.querySelector("button.choice"); seen.cell = cell.getAttribute("aria-label"); cell.click();
      seen.title = text("panel-title"); seen.marks = all("#panel mark").map((each) => each.textContent);
      document.getElementById("panel-csv").click();
      seen.hash = location.hash; press(document.body, "Escape"); seen.back = document.activeElement.className;
      seen.few = text("sets").includes("fewer than 10 choices: no shares");
      set("condition", "agent: Easterners"); seen.notCounted = all("#sets .note").filter((each) => each.textContent.startsWith("Not counted")).length;
      document.getElementById("shares-csv").click(); seen.files = files;
    """)  # fmt: skip
    assert "Cramér's V 0.31 · p <0.001 · q 0.001" in seen["facts"][0]
    assert seen["groups"] == 5
    row = whole.shares.row(0, named=True)
    assert f"{row['count']} of {row['choices']}, 95% interval" in seen["cell"]
    assert seen["title"] == row["variant"]
    assert set(seen["marks"]) == {row["variant"]}
    assert "set=taking" in seen["hash"]
    assert seen["back"] == "choice"
    assert seen["few"]
    assert seen["notCounted"] == 2
    sentences, shares = (pl.read_csv(each.removeprefix("\ufeff").encode()) for each in seen["files"])
    assert set(sentences["variant"]) == {row["variant"]}
    assert shares.height == whole.shares.height
    ordered = whole.shares.sort(pl.col("condition") != "all", maintain_order=True)
    assert shares["count"].to_list() == ordered["count"].to_list()


def test_downloaded_terms_are_those_that_are_shown_and_no_cell_is_a_formula(browse, page, whole):
    seen, _ = browse(page, """
      document.getElementById("terms-csv").click(); set("search", "=hyper", "input");
      document.getElementById("terms-csv").click(); seen.files = files;
    """)  # fmt: skip
    every, one = (pl.read_csv(each.removeprefix("\ufeff").encode()) for each in seen["files"])
    expected = whole.terms.filter((pl.col("group") == "Daily Courier") & (pl.col("other") == THE_REST))
    assert every.height == expected.height
    assert set(NUMBERS) <= set(every.columns)
    assert one["term"].to_list() == ["'=HYPERLINK(1)"]
    assert every["log_odds"].min() < 0
    assert not any(term.startswith(("=", "+", "-", "@")) for term in every["term"])


@pytest.mark.slow
def test_a_share_opens_the_sentences_of_its_condition_and_says_so_where_none_was_kept(browse, page, whole):
    seen, _ = browse(page, """
      set("condition", "agent: Easterners");
      all("button.choice")[0].click(); seen.facts = text("panel-facts");
      seen.agents = all("#panel li .meta").map((each) => each.textContent.includes("agent: Easterners"));
      set("condition", "quoted: yes"); seen.lacking = text("panel-facts"); seen.any = all("#panel li").length;
      seen.frame = document.querySelector("[data-state=frame]").parentElement.hidden;
    """)  # fmt: skip
    assert 'Sentences under "agent: Easterners"' in seen["facts"]
    assert seen["agents"]
    assert all(seen["agents"])
    assert 'that were kept is under "quoted: yes"; these are under any condition' in seen["lacking"]
    assert seen["any"] > len(seen["agents"])
    assert seen["frame"]


def test_sentences_can_be_chosen_by_a_frame_that_occurs_among_them(browse, whole):
    concordance = whole.concordance.with_columns(
        frames=pl.when(pl.col("id").str.ends_with("-0")).then(pl.lit("blame;capture")).otherwise(None)
    )
    labelled = lexicon_page(replace(whole, concordance=concordance), made.settings(), "frames")
    seen, _ = browse(labelled, """
      button(terms()[0]).click();
      seen.frames = all("[data-state=frame] option").map((each) => each.value); seen.every = all("#panel li").length;
      set("frame", "capture"); seen.some = all("#panel li .meta").map((each) => each.textContent);
      seen.hash = location.hash; document.getElementById("panel-csv").click(); seen.file = files[0];
      press(document.body, "Escape"); seen.gone = location.hash.includes("frame=");
    """)  # fmt: skip
    assert seen["frames"] == ["", "blame", "capture"]
    assert 0 < len(seen["some"]) < seen["every"]
    assert all("blame, capture" in facts for facts in seen["some"])
    assert "frame=capture" in seen["hash"]
    assert set(pl.read_csv(seen["file"].removeprefix("\ufeff").encode())["frames"]) == {"blame;capture"}
    assert not seen["gone"]


@pytest.mark.slow
def test_parts_of_the_corpus_few_documents_and_old_addresses_open_without_complaint(browse):
    parts = made.lexicon(3, 90, within=("blame", "capture"))
    seen, _ = browse(lexicon_page(parts, made.settings(within="frame"), "parts"), """
      seen.within = document.querySelector("[data-state=within]").value; seen.terms = terms().length; seen.sets = text("sets").slice(0, 34);
      set("within", "capture"); seen.hash = location.hash;
    """, "#within=gone&group=Nobody&other=Nobody&sort=nothing&condition=none&term=nowhere")  # fmt: skip
    assert seen["within"] == "blame"
    assert seen["terms"] == 30
    assert seen["sets"] == "Counted in the whole corpus only.W"
    assert "within=capture" in seen["hash"]
    few = lexicon_page(made.lexicon(2, too_few=True), made.settings(), "few")
    seen, _ = browse(few, """
      seen.told = text("compared"); seen.solid = all("#scatter circle.solid, .spot.solid").length; seen.q = column("q"); seen.rows = terms().length;
    """)  # fmt: skip
    assert "fewer than 20 documents on a side" in seen["told"]
    assert (seen["solid"], seen["q"], seen["rows"]) == (0, False, 30)


@pytest.mark.slow
def test_the_largest_page_and_the_emptiest_open_without_complaint(browse):
    seen, _ = browse(lexicon_page(made.huge(), made.settings(), "huge"), "seen.rows = terms().length;")
    assert seen["rows"] > 0
    lacking = replace(
        made.lexicon(2, 50), groups=pl.DataFrame(), counts=pl.DataFrame(), concordance=pl.DataFrame()
    )
    seen, _ = browse(
        lexicon_page(lacking, made.settings(), "lacking"),
        "button(terms()[0]).click(); seen.panel = text('panel-sides');",
    )
    assert "No sentence of this side is on this page." in seen["panel"]
    browse(lexicon_page(Lexicon(), made.settings(), "nothing"), "")
