"""What people type, made safe; what they search for, made comparable."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storefront.core.text import (
    LONGEST_SLUG,
    MOST_WORDS,
    clean,
    one_line,
    search_text,
    search_words,
    slug,
    stem,
    words,
)


def test_what_was_typed_is_kept_but_for_controls_and_bidi_marks() -> None:
    assert clean(" Kopi\0 \u202eenak\u202c\r\n☕ é ") == "Kopi enak\n☕ é"


def test_a_name_is_one_line() -> None:
    assert one_line("  Kopi \n\t Wening ") == "Kopi Wening"


@pytest.mark.parametrize(
    ("word", "stemmed"), [("memasak", "masak"), ("makanan", "makan"), ("kopi", "kopi")]
)
def test_a_word_is_known_by_its_stem(word: str, stemmed: str) -> None:
    assert stem(word) == stemmed


def test_the_index_holds_each_word_and_its_stem_once() -> None:
    assert search_text("Makanan Kering", "makanan") == "makan makanan kering"


def test_little_words_are_not_searched_for_unless_there_are_no_others() -> None:
    assert search_words("kopi dan teh") == ["kopi", "teh"]
    assert search_words("dan") == ["dan"]


def test_a_question_is_bounded() -> None:
    assert len(search_words(" ".join(f"kata{n}" for n in range(100)))) == MOST_WORDS


@pytest.mark.parametrize("typed", ['tempe" OR', "te*mpe", "NEAR(", "%", "_", "' OR 1=1 --", "a:b"])
def test_no_query_syntax_gets_through(typed: str) -> None:
    assert all(re.fullmatch("[0-9a-z]+", word) for word in search_words(typed))


def test_an_address_is_made_of_a_name() -> None:
    assert slug("Kopi Arabika Puntang, 200 g") == "kopi-arabika-puntang-200-g"
    assert slug("☕") == "barang"


@given(st.text())
def test_cleaning_is_done_once(typed: str) -> None:
    assert clean(clean(typed)) == clean(typed)


@given(st.text())
def test_what_is_cleaned_can_be_stored(typed: str) -> None:
    cleaned = clean(typed)
    cleaned.encode()
    assert "\0" not in cleaned


@given(st.text())
def test_any_name_has_an_address(typed: str) -> None:
    assert re.fullmatch("[0-9a-z]+(-[0-9a-z]+)*", slug(typed))
    assert len(slug(typed)) <= LONGEST_SLUG


@given(st.text(max_size=200))
def test_any_text_can_be_indexed_and_asked_for(typed: str) -> None:
    index = set(search_text(typed).split())
    assert all(stem(word) in index for word in words(typed))
    assert len(search_words(typed)) <= MOST_WORDS
