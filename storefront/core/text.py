"""Text: what people type, made safe to keep, and what they search for, made comparable."""

import re
import unicodedata
from functools import lru_cache

from Sastrawi.Stemmer.StemmerFactory import StemmerFactory

_STEMMER = StemmerFactory().create_stemmer(False)
_WORDS = re.compile(r"[0-9a-z]+")
_KEPT_CONTROLS = {"\n", "\t"}
MOST_WORDS = 12
"""Of a question. Nobody searches for more, and no query grows without end."""


def clean(typed: str) -> str:
    """What was typed, in one Unicode form, without NUL, other controls and bidi overrides."""
    normal = unicodedata.normalize("NFC", typed.replace("\r\n", "\n").replace("\r", "\n"))
    kept = (
        c
        for c in normal
        if c in _KEPT_CONTROLS or unicodedata.category(c) not in {"Cc", "Cs"}
        and c not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )
    return "".join(kept).strip()


def words(text: str) -> list[str]:
    """The words of a text: lower case, without accents, letters and digits only."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _WORDS.findall("".join(c for c in plain if not unicodedata.combining(c)))


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """An Indonesian word without its affixes: `memasak` is `masak` (stack.md, "search")."""
    return str(_STEMMER.stem(word)) or word


def search_text(*texts: str) -> str:
    """What the index holds of texts: each stem once, in order. The same on both engines."""
    return " ".join(dict.fromkeys(stem(word) for text in texts for word in words(text)))


def search_terms(question: str) -> list[str]:
    """The stems asked for, bounded: only letters and digits, so no query syntax gets through."""
    return list(dict.fromkeys(stem(word) for word in words(question)))[:MOST_WORDS]


def slug(text: str) -> str:
    """An address part from a name; `barang` if nothing of it can stand in one."""
    return "-".join(words(text))[:80].strip("-") or "barang"
