"""Search: a question as terms, how an engine matches and ranks them, and what a typo meant.

The index is made of stems and words (`core/text.py`) in one table per engine, kept by triggers
(`search_index.py`). Both are asked through the two constructs below, so that no query names its
engine. Terms hold letters and digits only and are quoted: no syntax of FTS5 or tsquery gets in.
"""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher, get_close_matches
from typing import Any, NamedTuple, Self

from sqlalchemy import (
    CTE,
    BigInteger,
    Boolean,
    Dialect,
    Float,
    Text,
    TypeDecorator,
    bindparam,
    column,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType

from storefront.catalog.models import SearchWord
from storefront.core.text import search_text, search_words, stem, words

SHORTEST_PREFIX = 2
SHORTEST_CORRECTED = 3
MOST_CORRECTED = 3
MOST_CANDIDATES = 5_000
ALIKE = 0.72
"""Of 1: `kpoi` is 0.75 like `kopi`, `batk` 0.89 like `batik`."""
LETTERS_APART = 2
NEAREST = 5

PRODUCT_SEARCH = table("product_search", column("rowid", BigInteger))


class Term(NamedTuple):
    """A word asked for: by its stem, and the last one also by what begins like it."""

    stem: str
    prefix: str


Terms = tuple[Term, ...]


class SearchColumns(NamedTuple):
    """What a product keeps of its texts for the index."""

    search_name: str
    search_text: str


def terms_of(question: str) -> Terms:
    """The terms of a question; the last word may still be being typed."""
    asked = search_words(question)
    return tuple(
        Term(stem(word), word if word is asked[-1] and len(word) >= SHORTEST_PREFIX else "")
        for word in asked
    )


def index_columns(name: str, *others: str) -> SearchColumns:
    """What to keep of a product's name, and of its seller, category, variants and description."""
    return SearchColumns(search_text(name), search_text(*others))


def learn(session: Session, *texts: str) -> None:
    """Add the words of texts to those that a typo can be told from, in a statement or two."""
    met = {word for text_ in texts for word in words(text_) if _can_be_corrected(word)}
    known = set(session.scalars(select(SearchWord.word).where(SearchWord.word.in_(met))))
    rows = [{"word": word, "stem": stem(word), "length": len(word)} for word in sorted(met - known)]
    if rows:  # another may be learning the same; sorted, so that the two cannot block each other
        session.execute(
            text(
                "INSERT INTO search_words (word, stem, length) VALUES (:word, :stem, :length)"
                " ON CONFLICT (word) DO NOTHING"
            ),
            rows,
        )


def found_by(terms: Terms, *, ranked: bool) -> CTE:
    """The products that have every term, by `rowid`; with their `rank`, where it is asked for.

    Computed once and first: left to itself SQLite may ask the index for each product there is.
    """
    columns = [PRODUCT_SEARCH.c.rowid, *([rank(terms).label("rank")] if ranked else [])]
    return select(*columns).where(matches(terms)).cte("found").prefix_with("MATERIALIZED")


def corrected(session: Session, question: str) -> str | None:
    """The question with its unknown words replaced by the likeliest known ones; None: no better.

    For a question that found nothing. Bounded: a few words, each against a few thousand.
    """
    asked = search_words(question)
    known = _known(session, asked)
    better = list(asked)
    unknown = [at for at, word in enumerate(asked) if not {word, stem(word)} & known]
    for at in unknown[:MOST_CORRECTED]:
        better[at] = _likeliest(session, asked[at]) or asked[at]
    return " ".join(better) if better != asked else None


class _Question(TypeDecorator[Terms]):
    """Terms in an engine's own words."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Terms | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return _tsquery(value) if dialect.name == "postgresql" else _fts5(value)


class matches(FunctionElement[bool]):  # noqa: N801 - reads as a function in a query
    """Whether a product's index has every term."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, terms: Terms) -> None:
        super().__init__(bindparam("terms", terms, _Question(), unique=True))

    def self_group(self, against: OperatorType | None = None) -> Self:
        """As it is: FTS5 has no use for the `= 1` that SQLite's booleans are given."""
        return self


class rank(FunctionElement[float]):  # noqa: N801
    """How well a product fits the terms, the smaller the better. A name weighs ten times."""

    type = Float()
    inherit_cache = True

    def __init__(self, terms: Terms) -> None:
        super().__init__(bindparam("terms", terms, _Question(), unique=True))


@compiles(matches)
def _fts5_matches(element: matches, compiler: SQLCompiler, **kw: Any) -> str:
    return f"product_search MATCH {compiler.process(element.clauses, **kw)}"


@compiles(matches, "postgresql")
def _tsvector_matches(element: matches, compiler: SQLCompiler, **kw: Any) -> str:
    asked = compiler.process(element.clauses, **kw)
    return f"product_search.vector @@ to_tsquery('simple', {asked})"


@compiles(rank)
def _fts5_rank(_element: rank, _compiler: SQLCompiler, **_kw: Any) -> str:
    return "bm25(product_search, 10.0, 1.0)"


@compiles(rank, "postgresql")
def _tsvector_rank(element: rank, compiler: SQLCompiler, **kw: Any) -> str:
    asked = compiler.process(element.clauses, **kw)
    return f"-ts_rank(product_search.vector, to_tsquery('simple', {asked}))"


def _fts5(terms: Terms) -> str:
    return " AND ".join(
        f'("{term.stem}" OR "{term.prefix}" *)' if term.prefix else f'"{term.stem}"'
        for term in terms
    )


def _tsquery(terms: Terms) -> str:
    return " & ".join(
        f"('{term.stem}' | '{term.prefix}':*)" if term.prefix else f"'{term.stem}'"
        for term in terms
    )


def _known(session: Session, asked: Sequence[str]) -> set[str]:
    forms: Iterable[str] = {form for word in asked for form in (word, stem(word))}
    query = select(SearchWord.word, SearchWord.stem).where(
        or_(SearchWord.word.in_(forms), SearchWord.stem.in_(forms))
    )
    return {form for row in session.execute(query) for form in row}


def _likeliest(session: Session, word: str) -> str | None:
    if not _can_be_corrected(word):
        return None
    near = SearchWord.length.between(len(word) - LETTERS_APART, len(word) + LETTERS_APART)
    query = select(SearchWord.word).where(near).order_by(SearchWord.length, SearchWord.word)
    candidates = session.scalars(query.limit(MOST_CANDIDATES)).all()
    alike = get_close_matches(word, candidates, n=NEAREST, cutoff=ALIKE)
    return max(alike, key=lambda candidate: _likeness(word, candidate), default=None)


def _can_be_corrected(word: str) -> bool:
    """Not a number: there is no telling which other one was meant."""
    return len(word) >= SHORTEST_CORRECTED and word.isalpha()


def _likeness(typed: str, candidate: str) -> tuple[bool, bool, float]:
    """Letters that changed places are the likeliest slip; the first letter is seldom wrong."""
    ratio = SequenceMatcher(None, typed, candidate).ratio()
    return sorted(typed) == sorted(candidate), typed[0] == candidate[0], ratio
