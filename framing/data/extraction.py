"""The main text of a web page, by trafilatura (Apache-2.0); nothing is fetched.

trafilatura was chosen because it is kept, its licence is this project's own, and it finds title, date
and URL of a page as well as the text. Of its dependencies tld may be used under MPL 1.1, the others are
under Apache, BSD or MIT licences.
"""

import codecs
import re
from dataclasses import dataclass

PRESCANNED = 4096
"""Bytes of a page in which its charset is looked for."""
DECLARED = re.compile(
    rb"<(?:meta|\?xml)[^>]*?(?:charset|encoding)\s*=\s*[\"']?\s*([a-z0-9_:.-]+)", re.IGNORECASE
)
AS_BROWSERS_READ = {
    "iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "iso-8859-9": "cp1254",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc-kr": "cp949", "tis-620": "cp874",
}  # fmt: skip
"""Charsets that pages declare and that browsers read as their larger successors (WHATWG Encoding)."""

DATES = {"original_date": True, "extensive_search": False, "max_date": "2100-01-01"}
"""A date that the page declares, never one guessed from its text; the same on whatever day it runs."""


@dataclass(frozen=True)
class Page:
    """What a page says: its main text, one paragraph a line, and what it declares about itself."""

    text: str
    title: str | None
    date: str | None
    url: str | None


class ExtractionError(Exception):
    """The page has no text that could be taken out; the message says what was found instead."""


def declared_charset(content: bytes) -> str | None:
    """Return the charset that a page declares, where its bytes are not UTF-8; None where they are.

    A page whose bytes are UTF-8 was saved as such, whatever an older declaration in it says; ISO-2022-JP
    alone looks like UTF-8 and is not. A charset that Python does not know is as good as none.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    declared = DECLARED.search(content[:PRESCANNED])
    name = declared[1].decode("ascii").lower() if declared else ""
    try:
        codec = codecs.lookup(AS_BROWSERS_READ.get(name, name)).name
        b"a".decode(codec)
    except (LookupError, UnicodeError):  # no codec, or none for text
        return None
    if codec == "utf-8" or (_is_utf8(content) and b"\x1b" not in content):
        return None
    return codec


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def extract_page(html: str) -> Page:
    """Return the main text of a page without menus, comments and tables.

    Raises:
        ExtractionError: it is no HTML, or it has no main text.
    """
    from trafilatura import bare_extraction, load_html
    from trafilatura.settings import Document

    try:
        tree = load_html(html)
        found = None
        if tree is not None:
            found = bare_extraction(
                tree,
                with_metadata=True,
                include_comments=False,
                include_tables=False,
                date_extraction_params=dict(DATES),
            )
    except Exception as error:  # one strange page must not end the work on all others
        raise ExtractionError(f"a page that cannot be parsed ({type(error).__name__}: {error})") from error
    if tree is None:
        raise ExtractionError("no HTML")
    if not isinstance(found, Document) or not (found.text or "").strip():
        raise ExtractionError("no main text")
    return Page((found.text or "").strip(), found.title, found.date, found.url)
