"""Everything that somebody can get hold of: every page by its links, and every export."""

import re
from collections import Counter, deque
from collections.abc import Iterator
from html.parser import HTMLParser
from http import HTTPStatus
from io import BytesIO
from urllib.parse import parse_qsl, urlsplit

from flask.testing import FlaskClient
from pypdf import PdfReader
from werkzeug.test import TestResponse

from tests.web.browsing import Forms

DESKS = ("/agency/exports", "/city/exports", "/audit/exports")
BEGINNINGS = (
    *("/", "/account", "/orders", "/serlok", "/figures", "/agency/", "/city/", "/audit/"),
    *("/agency/quota", "/agency/serlok", "/city/agencies", "/audit/ledger/personal", "/seller/"),
)
SHELVES = re.compile(r"^/(static|media|products|sellers|styleguide|dev|help|cart|sandbox)\b")
NUMBER = re.compile(r"(?<!\w)(?:Rp)?(\d(?:[\d.,]*\d)?)(?!\w)")
"""As people and files write it; not the digits within a hash."""
IDENTIFIER = re.compile(r"[A-Z0-9][A-Z0-9.-]{2,}|\d+")
OF_A_KIND = 3
"""Addresses that differ in a number or an argument alone lead to pages that differ little: so many
are read."""


class Links(HTMLParser):
    """Where a page leads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag == "a" and href:
            self.found.append(href)


def everything(client: FlaskClient) -> list[str]:
    """The text of every page and export that this browser reaches, in the order found."""
    texts = [text for desk in DESKS for text in _exported(client, desk)]
    waiting, known = deque(BEGINNINGS), set(BEGINNINGS)
    kinds: Counter[str] = Counter()
    while waiting:
        answer = client.get(waiting.popleft(), buffered=True)
        if answer.status_code != HTTPStatus.OK:
            continue
        texts.append(text_of(answer))
        if answer.mimetype != "text/html":
            continue
        for address in _leads_to(answer.text):
            kind = _kind(address)
            if address not in known and kinds[kind] < OF_A_KIND:
                kinds[kind] += 1
                known.add(address)
                waiting.append(address)
    return texts


def _kind(address: str) -> str:
    """What addresses share that lead to pages of one sort: the path, and which arguments."""
    parts = urlsplit(address)
    arguments = ",".join(sorted(name for name, _value in parse_qsl(parts.query)))
    return f"{IDENTIFIER.sub('#', parts.path)}?{arguments}"


def numbers_in(text: str) -> set[int]:
    """Every number that a text shows, however it is grouped."""
    return {
        int(digits)
        for found in NUMBER.findall(text)
        if (digits := found.replace(".", "").replace(",", "")).isascii() and digits.isdigit()
    }


def text_of(answer: TestResponse) -> str:
    """What a person reads of an answer, of a paper too."""
    if answer.mimetype == "application/pdf":
        return "\n".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages)
    return answer.get_data(as_text=True)


def _leads_to(html: str) -> Iterator[str]:
    """The addresses of ours that a page links to, but for the shop's shelves."""
    for link in Links(html).found:
        parts = urlsplit(link)
        if not parts.netloc and parts.path.startswith("/") and not SHELVES.match(parts.path):
            yield parts._replace(fragment="").geturl()


def _exported(client: FlaskClient, desk: str) -> list[str]:
    """The files of every kind that a desk writes for this browser; none where it has no desk."""
    page = client.get(desk)
    if page.status_code != 200:
        return []
    texts = []
    form = next(form for form in Forms(page.text).forms if form.action == desk)
    for kind in ("orders", "ledger", "quota"):
        sent = form.filled(export=kind, format="csv")
        made = client.post(desk, data=sent, follow_redirects=True)
        files = [link for link in Links(made.text).found if f"{desk}/" in link]
        texts += [text_of(client.get(link, buffered=True)) for link in files]
    return texts
