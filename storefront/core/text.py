"""Text: what people type, made safe to keep, and what they search for, made comparable."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from Sastrawi.Stemmer.StemmerFactory import StemmerFactory

from storefront.core.errors import N_

_STEMMER = StemmerFactory().create_stemmer(False)
_WORDS = re.compile(r"[0-9a-z]+")
_CONTROLS = {"Cc", "Cs"}
_KEPT_CONTROLS = {"\n", "\t"}
_BIDI = set("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that would let a text rearrange what stands around it."""

LONGEST_WORD = 40
MOST_WORDS = 12
"""Of a question. Nobody searches for more, and no query grows without end."""
LONGEST_SLUG = 80

AND = N_("%(some)s dan %(last)s")

_LITTLE_WORDS = frozenset(
    (
        "atau",
        "buat",
        "dalam",
        "dan",
        "dari",
        "dengan",
        "di",
        "dll",
        "ini",
        "itu",
        "juga",
        "ke",
        "nya",
        "oleh",
        "pada",
        "tanpa",
        "untuk",
        "utk",
        "yang",
        "yg",
    )
)
"""They stand in every sentence, and tell no product from another."""


def listed(words: Sequence[str], last_two: str = AND) -> str:
    """Several words as one phrase, `a, b dan c`; `last_two` is `AND` in the reader's language."""
    *some, last = words
    return last_two % {"some": ", ".join(some), "last": last} if some else last


def clean(typed: str) -> str:
    """What was typed, in one Unicode form, without NUL, other controls and bidi marks."""
    normal = unicodedata.normalize("NFC", typed.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(
        c
        for c in normal
        if c in _KEPT_CONTROLS or not (unicodedata.category(c) in _CONTROLS or c in _BIDI)
    ).strip()


def one_line(typed: str) -> str:
    """The same for what is a name or a title: every run of white space is one space."""
    return " ".join(clean(typed).split())


def words(text: str) -> list[str]:
    """The words of a text: lower case, without accents, letters and digits only, in its order."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    found = _WORDS.findall("".join(c for c in plain if not unicodedata.combining(c)))
    return [word[:LONGEST_WORD] for word in found]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """An Indonesian word without its affixes: `memasak` is `masak` (stack.md, "search")."""
    return str(_STEMMER.stem(word)) or word


def search_text(*texts: str) -> str:
    """What the index holds of texts, the same on both engines: the words, each with its stem.

    The stem answers who asks in another form, the word who has typed only its beginning.
    """
    found = dict.fromkeys(word for text in texts for word in words(text))
    return " ".join(dict.fromkeys(form for word in found for form in (stem(word), word)))


def search_words(question: str) -> list[str]:
    """The words asked for, bounded; only letters and digits, so no query syntax gets through.

    Little words are left out, unless there are no others.
    """
    asked = list(dict.fromkeys(words(question)))
    telling = [word for word in asked if word not in _LITTLE_WORDS]
    return (telling or asked)[:MOST_WORDS]


def slug(text: str) -> str:
    """An address part from a name; `barang` if nothing of it can stand in one."""
    return "-".join(words(text))[:LONGEST_SLUG].strip("-") or "barang"
