"""Numbers without gaps, per issuer, kind and year: of papers, a missing number is a doubt."""

from contextlib import suppress

from sqlalchemy import CheckConstraint, String, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from storefront.core.database import Base


class NumberSeries(Base):
    """The last number given of a series. Its row is the lock of what it counts."""

    __tablename__ = "number_series"
    __table_args__ = (CheckConstraint("last_number >= 0", name="last_number_not_negative"),)

    issuer: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_number: Mapped[int]


def next_number(session: Session, *, issuer: str, kind: str, year: int) -> int:
    """The next number of a series: 1, 2, 3 ...

    It is taken under the series' lock, in the unit of work that uses it, so that a number that is
    rolled back is given again. Taken last of all locks (house.md, rule 4).
    """
    key = {"issuer": issuer, "kind": kind, "year": year}
    taking = (
        update(NumberSeries)
        .filter_by(**key)
        .values(last_number=NumberSeries.last_number + 1)
        .returning(NumberSeries.last_number)
    )
    number = session.scalar(taking)
    if number is None:
        with suppress(IntegrityError), session.begin_nested():  # another may be opening it too
            session.execute(insert(NumberSeries).values(**key, last_number=0))
        number = session.scalars(taking).one()
    return number
