"""Articles in, sentences out: offsets, kinds, sources, what cannot be read, interruption."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from omegaconf import OmegaConf

from framing import ingestion
from framing.build import build_boilerplate_rules
from framing.cli import CONFIGS
from framing.core.command_config import BoilerplateConfig, BoilerplateRuleConfig
from framing.core.errors import FramingError
from framing.data.articles import Article, Block, normal, read_articles, title_line
from framing.data.boilerplate import BoilerplateRule, is_boilerplate
from framing.data.extraction import ExtractionError, extract_page
from framing.data.loading import load_corpus
from framing.data.sentences import article_sentences
from framing.ingestion import IngestionPlan, ingest
from tests.conftest import make_codebook

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} | Northern Post</title>
<meta property="og:title" content="{title}">
<meta property="article:published_time" content="2031-03-04T10:00:00Z">
<link rel="canonical" href="https://www.northern-post.example/war/{number}"></head><body>
<nav><a href="/">Home</a> <a href="/war">War</a></nav><article><h1>{title}</h1><p>3 min read</p>
<p>The army of Vesta took bridge {number} near Orlen on Monday. Two villages lost power &amp; water.</p>
<p>“We will hold the river,” a commander said. The town has been under fire for a month, and few are left.</p>
<p>Nobody knows how long the road will stay open. Two villages lost power &amp; water.</p>
<p>Read more: the winter campaign</p></article><footer>© 2031 Northern Post</footer></body></html>"""


def page(number=1, title="Bridge falls near Orlen"):
    return PAGE.format(number=number, title=title)


def rules():
    config = OmegaConf.load(CONFIGS / "boilerplate" / "english.yaml")
    return build_boilerplate_rules(
        BoilerplateConfig(
            rules=[BoilerplateRuleConfig(**{"whole_line": False, **rule}) for rule in config.rules]
        )
    )


@pytest.fixture
def folder(tmp_path):
    """Three ways in which an outlet's articles come."""
    root = tmp_path / "articles"
    for name in ("north", "south/2031"):
        (root / name).mkdir(parents=True)
    (root / "north" / "bridge.html").write_text(page(), encoding="utf-8")
    (root / "south" / "2031" / "plain.txt").write_bytes(
        "\ufeffFighters hold the mill.\r\n\r\nIt rained. “Never,” said the mayor. It rained.\r\n".encode()
    )
    rows = [
        {"id": 7, "text": "Orlen is free.\nThe war goes on. Big news!", "source": "west", "title": "BIG  news!"},
        {"text": "A road was cut.", "date": "2031-01-02", "title": "What next? Nobody knows.",
         "url": "https://www.eastern.example:80/a"},
    ]  # fmt: skip
    lines = [json.dumps(row) for row in rows]
    (root / "rows.jsonl").write_text("\ufeff" + "\n\n".join(lines) + "\n", encoding="utf-8")
    return root


def plan_of(folder, output="corpus.jsonl", **changes):
    made = IngestionPlan(folder, folder.parent / output, ("field", "folder"), rules())
    return replace(made, **changes)


def rows_of(path):
    read = pl.read_parquet if path.suffix == ".parquet" else pl.read_ndjson
    return read(path).rows(named=True)


@pytest.mark.parametrize("output", ["corpus.jsonl", "corpus.parquet"])
def test_every_sentence_stands_in_its_article_at_its_offsets(folder, output):
    plan = plan_of(folder, output)
    done = ingest(plan)
    articles = {row["article"]: row for row in rows_of(plan.articles)}
    sentences = rows_of(plan.output)
    assert set(articles) == {"north/bridge.html", "south/2031/plain.txt", "7", "rows.jsonl:3"}
    assert list(sentences[0]) == list(ingestion.SENTENCES)
    for row in sentences:
        words = articles[row["article"]]["text"][row["start"] : row["end"]]
        assert words == words.strip()
        assert normal(words) == row["text"]
        assert row["source"] == articles[row["article"]]["source"]
        assert row["date"] == articles[row["article"]]["date"]
    positions = [row["position"] for row in sentences if row["article"] == "7"]
    assert positions == list(range(len(positions)))
    assert len({row["id"] for row in sentences}) == len(sentences) == sum(done.sentences.values())
    assert articles["south/2031/plain.txt"]["text"].startswith("Fighters hold the mill.\r\n")
    assert articles["north/bridge.html"]["date"] == "2031-03-04"
    assert articles["north/bridge.html"]["url"].startswith("https://www.northern-post.example")
    assert done.problems == []


@given(
    text=st.text(alphabet=st.sampled_from("Aab .?!\n\r\u2028\x0b\u00a0“”…-'\u0301é\U0001f600"), max_size=80),
    title=st.sampled_from(["A b.", "a", ""]),
)
def test_sentences_never_leave_their_text(text, title):
    if not normal(text):
        return
    article = Article("a", "s", None, title or None, None, "f", 0, f"{title}\n{text}" if title else text)
    records = article_sentences(article, rules())
    end = 0
    for record in records:
        assert end <= record["start"] < record["end"]
        end = record["end"]
        assert normal(article.text[record["start"] : end]) == record["text"]
    letters = "".join(article.text.split())
    assert "".join("".join(record["text"].split()) for record in records) == letters


def kinds(plan, article):
    return {row["text"]: row["kind"] for row in rows_of(plan.output) if row["article"] == article}


def test_headlines_boilerplate_and_repeats_are_marked_and_kept(folder):
    plan = plan_of(folder)
    ingest(plan)
    found = kinds(plan, "north/bridge.html")
    assert found["Bridge falls near Orlen"] == "headline"
    assert found["3 min read"] == "boilerplate"
    assert found["Read more: the winter campaign"] == "boilerplate"
    assert found["The army of Vesta took bridge 1 near Orlen on Monday."] == "body"
    assert found["Two villages lost power & water."] == "repeat"  # the last of two
    rain = [row["kind"] for row in rows_of(plan.output) if row["text"] == "It rained."]
    assert rain == ["body", "repeat"]


def test_a_title_that_the_text_has_not_becomes_its_first_line(folder):
    plan = plan_of(folder)
    ingest(plan)
    texts = {row["article"]: row["text"] for row in rows_of(plan.articles)}
    assert texts["rows.jsonl:3"] == "What next? Nobody knows.\nA road was cut."
    assert kinds(plan, "rows.jsonl:3") == {
        "What next?": "headline", "Nobody knows.": "headline", "A road was cut.": "body"
    }  # fmt: skip
    assert texts["7"].startswith("BIG news!\nOrlen is free.")
    assert title_line("x\n Big  News! \ny", "BIG news!") == (2, 15)


def test_the_source_is_the_first_that_an_article_has(folder):
    def sources(*order):
        plan = plan_of(folder, sources=order)
        done = ingest(plan)
        return {row["article"]: row["source"] for row in rows_of(plan.articles)}, done.problems

    by_field, _ = sources("field", "folder")
    assert by_field == {
        "north/bridge.html": "north", "south/2031/plain.txt": "south", "7": "west", "rows.jsonl:3": "articles"
    }  # fmt: skip
    by_host, problems = sources("host")
    assert by_host == {"north/bridge.html": "northern-post.example", "rows.jsonl:3": "eastern.example"}
    assert {(problem.file, problem.line, problem.column) for problem in problems} == {
        ("rows.jsonl", 1, "source"), ("south/2031/plain.txt", 0, "source")
    }  # fmt: skip


def test_what_cannot_be_read_is_listed_and_the_rest_is_read(command, folder):
    (folder / "north" / "latin.txt").write_bytes(b"A caf\xe9.")
    (folder / "north" / "latin.html").write_bytes(page().replace("Orlen", "\xd6rlen").encode("cp1252"))
    (folder / "north" / "empty.txt").write_text(" \n")
    (folder / "north" / "empty.html").write_text("<html><head><title>T</title></head><body></body></html>")
    (folder / "north" / "broken.html").write_text("\x00\x01 no page")
    (folder / "north" / "lost.html").symlink_to("nowhere.html")
    (folder / "north" / "linked").symlink_to(folder / "south")
    (folder / "north" / "[bold]odd[x].txt").write_text("An odd name.")
    (folder / "north" / "paper.pdf").write_text("x")
    os.mkfifo(folder / "north" / "pipe.txt")
    (folder / "bad.jsonl").write_text(
        '{not json\n["list"]\n{"text": 7}\n{"text": ""}\n{"text": "\\ud800"}\n{"id": [], "text": "a"}\n'
        '{"id": 7, "text": "Second."}\n{"text": "A good one.", "url": "http://[x", "source": "[/x]"}\n'
        + "[" * 100_000
        + "\n"
    )
    output = folder.parent / "corpus.parquet"
    done = command("ingest", f"input={folder}", f"output={output}")
    assert done.returncode == 0, done.stderr
    listed = [
        json.loads(line) for line in Path(f"{output}.unread.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert Counter((problem["file"], problem["line"]) for problem in listed) == Counter(
        [(f"north/{name}", 0) for name in ("latin.txt", "latin.html", "empty.txt", "empty.html",
                                           "broken.html", "lost.html", "linked", "pipe.txt")]
        + [("bad.jsonl", line) for line in (1, 2, 3, 4, 5, 6, 9)] + [("rows.jsonl", 1)]
    )  # fmt: skip
    assert f"not read     {len(listed)}, listed in" in done.stdout
    assert "north/lost.html: found a broken link" in done.stdout
    assert f"... and {len(listed) - 5} more." in done.stdout
    assert "passed over  1 .pdf" in done.stdout
    assert "articles     6 in" in done.stdout
    assert {row["article"] for row in rows_of(output)} == {
        "north/bridge.html", "south/2031/plain.txt", "7", "rows.jsonl:3", "bad.jsonl:8", "north/[bold]odd[x].txt"
    }  # fmt: skip


def test_a_file_or_folder_without_the_right_to_read_it_is_listed(folder, monkeypatch):
    """The system's refusal is played, as it refuses nothing to a privileged user."""
    read, scan, stat = Path.read_bytes, os.scandir, Path.is_file

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(
        Path, "read_bytes", lambda path: (refuse if path.name == "bridge.html" else read)(path)
    )
    monkeypatch.setattr(os, "scandir", lambda path: (refuse if str(path).endswith("2031") else scan)(path))
    monkeypatch.setattr(Path, "is_file", lambda path: (refuse if path.name == "secret.txt" else stat)(path))
    (folder / "secret.txt").write_text("Secret.")
    plan = plan_of(folder)
    done = ingest(plan)
    assert {(problem.file, problem.found) for problem in done.problems} == {
        (name, "Permission denied") for name in ("north/bridge.html", "south/2031", "secret.txt")
    }
    assert not any(", line" in str(problem) for problem in done.problems)
    assert set(done.articles) == {"west", "articles"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({}, "found no file"),
        ({"a.pdf": b"x"}, "found 1 .pdf"),
        ({"a.txt": b"\xff"}, "a.txt: found byte 0xff"),
    ],
)
def test_nothing_that_can_be_read_is_an_error(command, tmp_path, content, words):
    (tmp_path / "in").mkdir()
    for name, data in content.items():
        (tmp_path / "in" / name).write_bytes(data)
    done = command("ingest", "input=in", "output=corpus.parquet")
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "corpus.parquet").exists()
    assert (tmp_path / "corpus.parquet.unread.jsonl").exists() == ("a.txt" in content)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["input=articles", "output=corpus.csv"], "ends in .parquet or .jsonl"),
        (["input=nowhere", "output=corpus.jsonl"], "input=nowhere: there is no such folder"),
        (["input=articles", "output=mine.jsonl"], "mine.jsonl is there already"),
        (["input=articles", "output=mine.jsonl/corpus.jsonl"], "cannot be written"),
        (["input=articles", "output=corpus.jsonl", "source=[host_name]"], "field, host, folder"),
        (["output=corpus.jsonl"], "input: has no value yet"),
    ],
)
def test_a_mistake_gives_one_message_and_leaves_files_alone(command, folder, arguments, words):
    (folder.parent / "mine.jsonl").write_text("precious")
    done = command("ingest", *arguments)
    assert done.returncode == 2, done.stdout
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert (folder.parent / "mine.jsonl").read_text() == "precious"


def test_the_rules_can_be_chosen_and_the_help_shows_them(command, folder):
    done = command("ingest", f"input={folder}", "output=corpus.jsonl", "boilerplate=none")
    assert done.returncode == 0, done.stderr
    assert "boilerplate" not in done.stdout
    helped = command("ingest", "--help")
    assert "No rule: only headlines" in helped.stdout
    assert "reading_time" in helped.stdout


def test_one_file_may_be_the_input(folder):
    done = ingest(plan_of(folder, input=folder / "south" / "2031" / "plain.txt"))
    assert dict(done.articles) == {"2031": 1}


def test_the_output_inside_the_input_is_not_read_again(folder):
    plan = plan_of(folder, output="articles/corpus.jsonl")
    first = ingest(plan)
    second = ingest(plan)
    assert (second.made, second.kept) == (0, first.made)
    assert second.sentences == first.sentences


def test_the_sentences_are_a_corpus_once_they_are_labelled(folder, write):
    plan = plan_of(folder)
    ingest(plan)
    labels = [{"id": row["id"], "frames": ["red"], "voice": "asserted"} for row in rows_of(plan.output)]
    loaded = load_corpus(
        make_codebook(), sentences=str(plan.output), labels=write(labels, "labels.jsonl"),
        exclude_kinds=["boilerplate", "repeat"],
    )  # fmt: skip
    assert loaded.problems == []
    assert set(loaded.corpus.sentences["kind"]) == {"body", "headline"}
    assert loaded.set_aside["repeat"] == 2


def contents(plan):
    return {path.name: path.read_bytes() for path in (plan.output, plan.articles)}


def many(folder, number):
    for index in range(number):
        (folder / "north" / f"{index:03d}.html").write_text(
            page(index, f"Bridge {index} falls"), encoding="utf-8"
        )


def test_an_interrupted_run_goes_on_and_gives_the_same_files(folder, monkeypatch):
    many(folder, 10)
    clean = plan_of(folder, "clean.parquet")
    total = ingest(clean).made
    plan = plan_of(folder, "corpus.parquet")
    calls = []

    def interrupted(block, sources):
        calls.append(block.file)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return read_articles(block, sources)

    monkeypatch.setattr(ingestion, "read_articles", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ingest(plan)
    assert not plan.output.exists()
    done = ingest(plan)
    assert (done.made, done.kept) == (total - 4, 4)
    assert len(set(calls[:4]) & set(calls[5:])) == 0
    assert list(contents(plan).values()) == list(contents(clean).values())


def test_a_killed_run_goes_on_and_redoes_nothing(folder):
    many(folder, 400)
    clean = plan_of(folder, "clean.parquet")
    total = ingest(clean).made
    plan = plan_of(folder, "corpus.parquet")
    words = [sys.executable, "-m", "framing.ingest", f"input={folder}", f"output={plan.output}"]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 120
        while len(list(plan.parts.glob("*.json"))) < 20 and time.monotonic() < deadline:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
    finished = {path: path.stat() for path in plan.parts.glob("*.json")}
    assert 20 <= len(finished) < total
    assert process.returncode == -signal.SIGKILL
    assert not plan.output.exists()
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert f"{total - len(finished)} part(s) now; {len(finished)} were finished before" in done.stdout
    for path, before in finished.items():
        after = path.stat()
        assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert list(contents(plan).values()) == list(contents(clean).values())
    assert {path.suffix for path in plan.parts.iterdir()} == {".json"}


def test_only_what_changed_is_read_again(folder):
    plan = plan_of(folder)
    assert ingest(plan).made == 3
    (folder / "south" / "2031" / "plain.txt").write_text("Another text.")
    (folder / "north" / "bridge.html").unlink()
    done = ingest(plan)
    assert (done.made, done.kept) == (1, 1)
    assert len(list(plan.parts.iterdir())) == 2
    done = ingest(replace(plan, rules=()))
    assert (done.made, done.kept) == (2, 0)


def test_the_list_of_what_could_not_be_read_goes_when_it_can_be(folder):
    bad = folder / "bad.txt"
    bad.write_bytes(b"\xff")
    plan = plan_of(folder)
    ingest(plan)
    assert plan.unread.exists()
    bad.write_text("Good now.")
    assert ingest(plan).problems == []
    assert not plan.unread.exists()


def test_long_json_lines_are_read_in_parts(tmp_path):
    path = tmp_path / "long.jsonl"
    rows = [
        {"id": f"a{number}", "text": f"Report {number}. It ends.", "source": "s"} for number in range(2500)
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n{bad\n")
    plan = plan_of(tmp_path, input=path, output=tmp_path / "out" / "corpus.jsonl")
    done = ingest(plan)
    assert (done.made, done.articles["s"]) == (3, 2500)
    [problem] = done.problems
    assert problem.line == 2501
    assert [row["article"] for row in rows_of(plan.articles)] == [row["id"] for row in rows]
    path.write_text(path.read_text().replace("{bad", json.dumps({"text": "Mended."})))
    assert (ingest(plan).made, ingest(plan).made) == (1, 0)


def test_a_damaged_part_and_a_full_disk_are_told(folder, monkeypatch):
    plan = plan_of(folder)
    ingest(plan)
    part = next(plan.parts.iterdir())
    part.write_text("{")
    with pytest.raises(FramingError, match=r"is damaged. Remove it"):
        ingest(plan)
    part.unlink()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(FramingError, match=r"cannot be written \(No space left on device\)"):
        ingest(plan)


def test_extraction_needs_no_network(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    found = extract_page(page())
    assert (found.title, found.date) == ("Bridge falls near Orlen", "2031-03-04")
    assert "Home" not in found.text


def test_a_page_that_breaks_the_extraction_is_listed(monkeypatch):
    import trafilatura

    def broken(*_, **__):
        raise RecursionError("too deep")

    monkeypatch.setattr(trafilatura, "bare_extraction", broken)
    with pytest.raises(ExtractionError, match="RecursionError: too deep"):
        extract_page(page())
    articles, [problem] = read_articles(Block("a.html", "north", 0, page().encode()), ("folder",))
    assert articles == []
    assert "too deep" in problem.found


def test_no_running_text_of_the_seeds_is_called_boilerplate(seeds):
    rows = pl.read_ndjson(seeds / "sentences.jsonl").rows(named=True)
    marked = [row for row in rows if is_boilerplate(rules(), row["text"], only=True)]
    assert {row["kind"] for row in marked} == {"boilerplate"}
    assert len(marked) >= 8


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (("r", "(", False), "no regular expression"),
        (("r", "more", False, ("Read more",)), "does not fit 'Read more'"),
        (("r", ".*", True, (), ("Text.",)), "fits 'Text.', an example of what it leaves"),
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(rule, words):
    with pytest.raises(FramingError, match=words.replace("(", r"\(")):
        BoilerplateRule(*rule)


def test_a_whole_line_rule_leaves_a_sentence_inside_a_paragraph():
    rule = BoilerplateRule("byline", "by .*", True)
    assert rule.fits("By Anna Novak", only=True)
    assert not rule.fits("By Anna Novak", only=False)


def articles_in(file, content, sources=("field", "folder")):
    articles, problems = read_articles(Block(file, "north", 0, content), sources)
    return articles, [str(problem) for problem in problems]


def test_lines_above_a_text_say_what_it_is():
    head = "\ufeffTITLE:  Mill taken \r\nDate: 2031-03-04\r\nsource: Eastern Star\r\nURL: https://a.example/1\r\n\r\n"
    [article], _ = articles_in("a.txt", (head + "  It rained.\r\nDate: unknown.").encode())
    assert (article.title, article.date, article.source) == ("Mill taken", "2031-03-04", "Eastern Star")
    assert article.url == "https://a.example/1"
    assert article.text == "Mill taken\n  It rained.\r\nDate: unknown."
    assert [row["kind"] for row in article_sentences(article, ())] == ["headline", "body", "body"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It rained.\nTitle: no", "It rained.\nTitle: no"),
        ("\nTitle: no", "\nTitle: no"),
        ("Title: a\nTitle: b\nIt rained.", "a\nTitle: b\nIt rained."),
        ("Source:\nIt rained.", "It rained."),
        ("Sources: say so.", "Sources: say so."),
    ],
)
def test_other_lines_are_text(text, expected):
    [article], problems = articles_in("a.txt", text.encode())
    assert (article.text, article.source, problems) == (expected, "north", [])


def test_a_text_file_of_nothing_but_a_head_has_no_text():
    articles, [problem] = articles_in("a.txt", b"Title: Mill taken\n")
    assert articles == []
    assert "no text" in problem


CYRILLIC = "Армия взяла мост"


@pytest.mark.parametrize("charset", ["windows-1251", "koi8-r", "utf-16", "utf-8"])
@pytest.mark.parametrize(
    "head", ['<meta charset="{}">', '<meta http-equiv="Content-Type" content="text/html; charset={}">']
)
@pytest.mark.parametrize("declaration", ["", '<?xml version="1.0" encoding="{}"?>'])
def test_a_page_is_read_in_the_charset_that_it_declares(charset, head, declaration):
    text = declaration.format(charset) + page(title=CYRILLIC).replace(
        '<meta charset="utf-8">', head.format(charset)
    )
    [article], problems = articles_in("a.html", text.encode(charset, "xmlcharrefreplace"))
    assert problems == []
    assert article.title == CYRILLIC
    assert "hold the river" in article.text


def test_latin_1_is_read_as_browsers_read_it():
    text = page().replace('charset="utf-8"', "charset=iso-8859-1")
    [article], _ = articles_in("a.html", text.encode("cp1252"))
    assert "“We will hold the river,”" in article.text


def test_utf_8_is_read_as_such_whatever_is_declared():
    [article], _ = articles_in("a.html", page().replace('charset="utf-8"', 'charset="windows-1251"').encode())
    assert "“We will hold the river,”" in article.text


@pytest.mark.parametrize("declared", ["utf-8", "no-such-thing", "", "hex", "undefined"])
def test_bytes_that_no_declaration_explains_are_told(declared):
    text = page(title=CYRILLIC).replace('charset="utf-8"', f'charset="{declared}"')
    articles, [problem] = articles_in("a.html", text.encode("windows-1251"))
    assert articles == []
    assert "expected UTF-8 text" in problem


def test_bytes_that_the_declared_charset_has_not_are_told():
    text = page().replace('charset="utf-8"', 'charset="shift_jis"').encode("cp1252", "replace")
    articles, problems = articles_in("a.html", text.replace(b"bridge", b"br\x85\xffdge"))
    assert articles == []
    assert "expected cp932 text, as the page declares" in problems[0]
