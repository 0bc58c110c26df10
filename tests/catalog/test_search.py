"""What people search for, and what they find."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storefront.catalog.indexing import index_products, index_shop
from storefront.catalog.models import Product
from storefront.catalog.queries import CatalogFilter, CatalogPage, list_products
from storefront.catalog.search import corrected, terms_of
from storefront.catalog.search_index import missing, unindexed
from storefront.core.database import transaction
from storefront.sellers.models import Seller
from tests.factories import NOON, listed_variant, shop

TODAY = NOON.date()


def search(session: Session, question: str) -> CatalogPage:
    return list_products(session, CatalogFilter(q=question), today=TODAY)


def found(session: Session, question: str) -> list[str]:
    return [card.name for card in search(session, question).rows]


@pytest.fixture(autouse=True)
def goods(session: Session) -> None:
    wening = shop(session, "Kopi Wening")
    for name, description in {
        "Kopi Arabika Puntang": "Ceri merah dari lereng Gunung Puntang.",
        "Keripik Tempe Pedas": "Camilan gurih, digoreng dua kali.",
        "Nasi Kotak Ayam Bakar": "Makanan rapat dengan lalap; bisa ditambah kopi.",
    }.items():
        listed_variant(session, seller=wening, name=name)
        with transaction(session):
            session.execute(
                update(Product).where(Product.name == name).values(description=description)
            )
    with transaction(session):
        index_products(session, session.scalars(select(Product.id)).all())


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("tempe", "Keripik Tempe Pedas"),
        ("TEMPE  keripik", "Keripik Tempe Pedas"),
        ("makan", "Nasi Kotak Ayam Bakar"),
        ("memakan", "Nasi Kotak Ayam Bakar"),
        ("makana", "Nasi Kotak Ayam Bakar"),
        ("menggoreng", "Keripik Tempe Pedas"),
        ("kotak dan nasi", "Nasi Kotak Ayam Bakar"),
        ("arab", "Kopi Arabika Puntang"),
    ],
)
def test_a_product_is_found_by_its_words_in_any_form_and_order(
    session: Session, question: str, name: str
) -> None:
    assert found(session, question) == [name]


def test_only_the_last_word_may_be_a_beginning(session: Session) -> None:
    assert found(session, "arab kopi") == []
    assert found(session, "kopi arab") == ["Kopi Arabika Puntang"]


def test_every_word_must_be_there(session: Session) -> None:
    assert found(session, "tempe bakar") == []


def test_a_name_weighs_more_than_a_description(session: Session) -> None:
    assert found(session, "kopi")[0] == "Kopi Arabika Puntang"


def test_a_shops_name_finds_its_products(session: Session) -> None:
    assert len(found(session, "wening")) == 3


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("kpoi", "kopi"), ("tempee", "tempe"), ("arabikka puntang", "arabika puntang")],
)
def test_a_mistyped_word_is_put_right_and_said_so(session: Session, typed: str, meant: str) -> None:
    page = search(session, typed)
    assert page.corrected == meant
    assert [card.name for card in page.rows] == found(session, meant) != []


def test_what_is_known_is_never_put_right(session: Session) -> None:
    page = search(session, "tempe bakar")
    assert (page.rows, page.corrected) == ([], None)


def test_what_resembles_nothing_is_left_alone(session: Session) -> None:
    assert corrected(session, "xyzzy") is None


@pytest.mark.parametrize(
    "question",
    ['"tempe', "tempe*", "^tempe", "(tempe)", "-tempe", "{tempe}", "tempe:", "'tempe", "!tempe"],
)
def test_query_syntax_is_only_punctuation(session: Session, question: str) -> None:
    assert found(session, question) == ["Keripik Tempe Pedas"]


@pytest.mark.parametrize("question", ['tempe" OR', "tempe AND", "NEAR(tempe)", "NOT tempe"])
def test_operators_are_only_words(session: Session, question: str) -> None:
    assert found(session, question) == []


@pytest.mark.parametrize("question", ["%", "*", '"', "🙂", "_", "\\", "--"])
def test_a_question_without_a_letter_finds_nothing(session: Session, question: str) -> None:
    assert found(session, question) == []


def test_no_question_is_no_search(session: Session) -> None:
    assert len(found(session, "  \0 ")) == 3


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_nothing_that_is_typed_breaks_the_search(session: Session, question: str) -> None:
    search(session, question)


def test_the_last_word_is_known_by_its_place() -> None:
    assert [term.prefix for term in terms_of("kopi susu kopi")] == ["", "susu"]


def test_what_is_renamed_is_found_under_its_new_name_only(session: Session) -> None:
    with transaction(session):
        session.execute(
            update(Product)
            .where(Product.name == "Keripik Tempe Pedas")
            .values(name="Keripik Oncom")
        )
        index_products(session, session.scalars(select(Product.id)).all())
    assert found(session, "oncom") == ["Keripik Oncom"]
    assert found(session, "tempe") == []


def test_a_renamed_shops_products_are_indexed_anew(session: Session) -> None:
    with transaction(session):
        session.execute(update(Seller).values(name="Warung Haneut"))
        index_shop(session, session.scalars(select(Seller.id)).one())
    assert len(found(session, "haneut")) == 3
    assert found(session, "wening") == []


def test_triggers_keep_the_index_after_the_last_migration(session: Session) -> None:
    assert missing(session) == set()
    assert unindexed(session) == 0
