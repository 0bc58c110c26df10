"""A row of a roster, read: what each cell may hold, without looking at who is known already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from storefront.accounts.people import InvalidEmail, NameMissing, read_email, read_name
from storefront.agencies.grants import IN_AN_AGENCY
from storefront.agencies.models import AgencyId, PlacementKind
from storefront.agencies.moves import FIRST_DAY, LAST_DAY, POSITION_LENGTH
from storefront.core.errors import N_, DomainError
from storefront.core.identifiers import Employment, InvalidNip, Nip, NipParts, read_nip
from storefront.core.permissions import Role
from storefront.core.tabular import Row, RowError, read_day

COLUMNS = (
    "nip",
    "employment",
    "name",
    "email",
    "position",
    "unit_code",
    "kind",
    "roles",
    "from",
    "to",
)


@dataclass(frozen=True)
class RosterEntry:
    """A row that can be read: a person by their number, and where they are placed."""

    row: int
    nip: Nip
    says: NipParts
    employment: Employment
    name: str
    email: str | None
    position: str
    agency_id: AgencyId
    kind: PlacementKind
    roles: tuple[Role, ...]
    valid_from: date
    valid_to: date | None

    def shares_a_day(self, first: date, last: date | None) -> bool:
        return (last is None or self.valid_from <= last) and (
            self.valid_to is None or self.valid_to >= first
        )


def read_rows(
    rows: Sequence[Row], units: Mapping[str, AgencyId]
) -> tuple[list[RosterEntry], list[RowError]]:
    """The rows that can be read, and what is wrong with the others.

    `units`: the agencies that may stand in the file, by code.
    """
    entries: list[RosterEntry] = []
    errors: list[RowError] = []
    for row in rows:
        reader = _Reader(row)
        entry = reader.entry(units)
        errors += reader.errors
        if entry is not None:
            entries.append(entry)
    return entries, errors


class _Reader:
    """Reads one row, and gathers all that is wrong with it."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.errors: list[RowError] = []

    def wrong(self, column: str, message: str, **details: object) -> None:
        self.errors.append(RowError(self.row.number, column, message, details))

    def entry(self, units: Mapping[str, AgencyId]) -> RosterEntry | None:
        employment = self._employment()
        number = self._number(employment) if employment else None
        name, email = self._name(), self._email()
        position = " ".join(self.row["position"].split())
        if not 0 < len(position) <= POSITION_LENGTH:
            self.wrong("position", N_("Isi jabatan, paling banyak 160 karakter."))
        agency_id = units.get(self.row["unit_code"])
        if agency_id is None:
            self.wrong(
                "unit_code",
                N_("Unit %(code)s tidak ada di instansi ini."),
                code=self.row["unit_code"],
            )
        kind, roles = self._kind(), self._roles()
        first, last = self._days()
        if self.errors or not (employment and number and agency_id and kind and first):
            return None
        nip, says = number
        return RosterEntry(
            row=self.row.number,
            nip=nip,
            says=says,
            employment=employment,
            name=name,
            email=email,
            position=position,
            agency_id=agency_id,
            kind=kind,
            roles=roles,
            valid_from=first,
            valid_to=last,
        )

    def _employment(self) -> Employment | None:
        try:
            return Employment(self.row["employment"].casefold())
        except ValueError:
            self.wrong("employment", N_("Isi pns atau pppk."))
            return None

    def _number(self, employment: Employment) -> tuple[Nip, NipParts] | None:
        try:
            return read_nip(self.row["nip"], employment)
        except InvalidNip as error:
            self._refused("nip", error)
            return None

    def _name(self) -> str:
        try:
            return read_name(self.row["name"])
        except NameMissing as error:
            self._refused("name", error)
            return ""

    def _email(self) -> str | None:
        if not self.row["email"]:
            return None  # a slip will be printed
        try:
            return read_email(self.row["email"])
        except InvalidEmail as error:
            self._refused("email", error)
            return None

    def _kind(self) -> PlacementKind | None:
        try:
            return PlacementKind(self.row["kind"].casefold() or PlacementKind.DEFINITIVE)
        except ValueError:
            self.wrong("kind", N_("Isi definitive atau acting."))
            return None

    def _roles(self) -> tuple[Role, ...]:
        words = self.row["roles"].replace(",", " ").casefold().split()
        allowed = {role.value for role in IN_AN_AGENCY}
        for word in words:
            if word not in allowed:
                self.wrong(
                    "roles",
                    N_("Peran %(role)s tidak dikenal. Pilih: %(roles)s"),
                    role=word,
                    roles=" ".join(sorted(allowed)),
                )
        return tuple(Role(word) for word in dict.fromkeys(words) if word in allowed)

    def _days(self) -> tuple[date | None, date | None]:
        first = self._day("from")
        last = self._day("to") if self.row["to"] else None
        if first and last and last < first:
            self.wrong("to", N_("Tanggal selesai sebelum tanggal mulai."))
        return first, last

    def _day(self, column: str) -> date | None:
        day = read_day(self.row[column])
        if day is None or not FIRST_DAY <= day <= LAST_DAY:
            self.wrong(column, N_("Tulis tanggal sebagai TTTT-BB-HH, misalnya 2026-01-02."))
        return day

    def _refused(self, column: str, error: DomainError) -> None:
        self.wrong(column, error.message, **error.details)
