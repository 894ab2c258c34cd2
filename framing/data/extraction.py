"""The main text of a web page, by trafilatura (Apache-2.0); nothing is fetched.

trafilatura was chosen because it is kept, its licence is this project's own, and it finds title, date
and URL of a page as well as the text. Of its dependencies tld may be used under MPL 1.1, the others are
under Apache, BSD or MIT licences.
"""

from dataclasses import dataclass

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
