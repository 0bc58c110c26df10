"""Numbers without gaps."""

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.core.numbering import next_number
from tests.threads import in_threads


def test_a_series_counts_from_one_for_each_issuer_kind_and_year(session: Session) -> None:
    with transaction(session):
        given = [
            next_number(session, issuer=issuer, kind=kind, year=year)
            for issuer, kind, year in [
                ("KB-D02", "bast", 2026),
                ("KB-D02", "bast", 2026),
                ("KB-D02", "bast", 2027),
                ("KB-D02", "letter", 2026),
                ("KB-D03", "bast", 2026),
            ]
        ]
    assert given == [1, 2, 1, 1, 1]


def test_a_number_that_was_rolled_back_is_given_again(session: Session) -> None:
    for _ in range(2):
        with transaction(session) as unit:
            assert next_number(session, issuer="KB-D02", kind="bast", year=2026) == 1
            unit.rollback()


def test_many_at_once_leave_no_gap(engine: Engine) -> None:
    def take(_number: int) -> list[int]:
        taken = []
        for _ in range(5):
            with Session(engine) as own, transaction(own):
                taken.append(next_number(own, issuer="KB-D02", kind="bast", year=2026))
        return taken

    given = sorted(number for taken in in_threads(8, take) for number in taken)
    assert given == list(range(1, 41))
