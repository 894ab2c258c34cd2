"""The files of a lexicon report: what a spreadsheet gets, and that other files keep every text as it is."""

import polars as pl
import pytest

from framing.reporting.lexicon_files import for_spreadsheets, write_lexicon
from tests import lexicon_tables as made

FORMULAS = ("=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\t=1", " =1", "\r=1")


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_is_a_formula(text):
    table = for_spreadsheets(pl.DataFrame({"text": [text]}))
    assert table["text"].to_list() == ["'" + text]


def test_numbers_and_other_texts_stay_as_they_are():
    table = pl.DataFrame({"n": [-1.5, None], "count": [-2, 3], "text": ["a = b", None], "yes": [True, None]})
    assert for_spreadsheets(table).equals(table)


def test_csv_files_have_an_apostrophe_where_parquet_files_have_the_text(tmp_path):
    lexicon = made.lexicon(3, 60)
    write_lexicon(lexicon, made.settings(), "files", tmp_path)
    for name, table in lexicon.tables().items():
        assert pl.read_parquet(tmp_path / "tables" / f"{name}.parquet").equals(table)
    for path in (tmp_path / "tables").glob("*.csv"):
        written = pl.read_csv(path, infer_schema=False)
        texts = [name for name, kind in lexicon.tables()[path.stem].schema.items() if kind == pl.String]
        for name in texts:
            assert not written[name].str.contains(r"^\s*[=+\-@]").any()
    terms = pl.read_csv(tmp_path / "tables" / "terms.csv")
    assert "'=HYPERLINK(1)" in set(terms["term"])
    assert terms["log_odds"].min() < 0
