"""What an export is asked for: which records, whose, of when, in which form; and who may ask."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency
from storefront.core.calendar import month_of
from storefront.core.errors import N_, DomainError, NotAllowed, NotFound
from storefront.core.permissions import CITY, Action, Actor, agency_scope, allows, require


class ExportKind(StrEnum):
    ORDERS = "orders"
    LEDGER = "ledger"
    QUOTA = "quota"


class ExportFormat(StrEnum):
    CSV = "csv"
    CSV_ID = "csv-id"
    """Semicolons and a byte order mark, as Excel in Indonesia wants it."""
    XLSX = "xlsx"
    JSON = "json"

    @property
    def suffix(self) -> str:
        return "csv" if self is ExportFormat.CSV_ID else self.value


class FormatNotOffered(DomainError):
    code = "format_not_offered"
    message = N_(
        "Format %(format)s tidak tersedia di versi ini. Pilih csv, csv-id, xlsx atau json."
    )
    field = "format"


class DaysInDisorder(DomainError):
    code = "days_in_disorder"
    message = N_("Tanggal akhir tidak boleh sebelum tanggal awal.")
    field = "to"


class WholeMonthsOnly(DomainError):
    code = "whole_months_only"
    message = N_("Ekspor kuota memuat bulan utuh: mulai tanggal 1, sampai hari terakhir bulan.")
    field = "from"


@dataclass(frozen=True, kw_only=True)
class ExportRequest:
    """A request. Raises `DaysInDisorder`, or `WholeMonthsOnly` for a quota export by days."""

    kind: ExportKind
    agency_code: str | None
    """None: every agency."""
    year: int
    """The fiscal year: of the order's budget line, of the ledger's account, of the quota row."""
    first_day: date | None = None
    last_day: date | None = None
    """Both included. Orders by their submission, entries by `occurred_on`, quota by month."""
    format: ExportFormat = ExportFormat.CSV

    def __post_init__(self) -> None:
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise DaysInDisorder
        if self.kind is ExportKind.QUOTA:
            begins_within = self.first_day is not None and self.first_day.day != 1
            ends_within = self.last_day is not None and not _is_last_of_month(self.last_day)
            if begins_within or ends_within:
                raise WholeMonthsOnly

    def as_of(self, today: date) -> date:
        """The day whose rule the figures are read by: the last they can be about."""
        return min(today, self.last_day or date(self.year, 12, 31))

    @property
    def filter(self) -> dict[str, str | int | None]:
        """As the manifest says it; `agency` null is every agency."""
        return {
            "export": self.kind.value,
            "agency": self.agency_code,
            "year": self.year,
            "from": self.first_day.isoformat() if self.first_day else None,
            "to": self.last_day.isoformat() if self.last_day else None,
            "format": self.format.value,
        }

    @property
    def file_name(self) -> str:
        """What to call the file, where nobody has said."""
        whose = self.agency_code or "semua"
        days = [f"{day:%Y%m%d}" for day in (self.first_day, self.last_day) if day]
        return f"{'-'.join([self.kind.value, whose, str(self.year), *days])}.{self.format.suffix}"


def read_format(name: str) -> ExportFormat:
    """The format of that name. Raises `FormatNotOffered`, which says what there is."""
    try:
        return ExportFormat(name)
    except ValueError:
        raise FormatNotOffered(format=name) from None


def admit(session: Session, actor: Actor, request: ExportRequest) -> None:
    """Let the actor have an export, at the time it runs, or raise.

    `NotAllowed` where the actor has a part in the agency but not this one; `NotFound` for another's
    agency and one that does not exist: who asks must not learn which.
    """
    if request.agency_code is None:
        require(actor, Action.EXPORT, CITY)
        return
    scope = agency_scope(request.agency_code)
    if not allows(actor, Action.EXPORT, scope):
        raise NotAllowed if any(grant.scope == scope for grant in actor.grants) else NotFound
    if session.scalar(select(Agency.id).filter_by(code=request.agency_code)) is None:
        raise NotFound


def _is_last_of_month(day: date) -> bool:
    return month_of(date.fromordinal(day.toordinal() + 1)) != month_of(day)
