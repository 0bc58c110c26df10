"""Five years of a city of 500 agencies, made by the database itself: a million orders in minutes.

Rows stand as the store leaves them behind: orders with a line, their commitment and realisation,
the log, the accounts, and the sums beside them. Seals and digests are made up.
"""

from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    Integer,
    MetaData,
    String,
    Table,
    case,
    cast,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.orm import Session

from storefront.agencies.beginnings import begin
from storefront.agencies.models import (
    Agency,
    AgencyKind,
    BudgetRevision,
    BudgetYear,
    RevisionState,
)
from storefront.core.calendar import instant_of
from storefront.core.database import Base, transaction
from storefront.core.permissions import OPERATOR
from storefront.orders.models import (
    Cart,
    Channel,
    Delivery,
    FulfilmentStatus,
    Order,
    OrderLine,
    OrderPeople,
    OrderStatus,
    PaymentMethod,
    PaymentStatus,
    Purchase,
)
from storefront.quota.closing_models import QuotaMonth
from storefront.quota.models import (
    NO_SEAL,
    EntryKind,
    Fund,
    LedgerEntry,
    LogLine,
    Mark,
    MarkName,
    QuotaAccount,
)
from storefront.quota.periods import begin_in
from storefront.reports.models import CategorySum, SellerSum, SpreadMark
from storefront.sellers.models import SellerClass
from tests.factories import CONFIRMER, IMPORTER, NOON, SNAPSHOT, listed_variant, placed, shop

AGENCIES, YEARS, MONTHS = 500, 5, 12
FIRST_YEAR = NOON.year - YEARS + 1
CLASSES = tuple(SellerClass)
CEILING = 2_000_000_000
CATEGORY = "kuliner"
BATCH = 5_000

_ours = MetaData()
NUMBERS = Table("bench_numbers", _ours, Column("n", Integer, primary_key=True))
DAYS = Table(
    "bench_days",
    _ours,
    Column("at", Integer, primary_key=True),
    Column("day", Date),
    Column("period", String(7)),
    Column("year", Integer),
)
n = NUMBERS.c.n
agency_at = n % AGENCIES
turn = n // AGENCIES
month_at = (turn * 7 + agency_at) % (YEARS * MONTHS)
class_at = (turn + agency_at) % len(CLASSES)
amount = 50_000 + n % 97 * 1_000


def fill(session: Session, orders: int) -> list[str]:
    """A ledger of so many completed official orders; the codes of its agencies."""
    same = _who(session)
    with transaction(session):
        _ours.create_all(session.connection())
        _insert(session, NUMBERS, ({"n": each} for each in range(1, orders + 1)))
        _insert(session, DAYS, _days())
        _orders(session, same)
        _ledger(session, orders)
        _sums(session, orders, same["seller"].id)
        _ours.drop_all(session.connection())
    return [_code(at) for at in range(AGENCIES)]


def _code(at: int) -> str:
    return f"B{at:03}"


def _days() -> Any:
    for at in range(YEARS * MONTHS):
        day = date(FIRST_YEAR + at // MONTHS, at % MONTHS + 1, 10)
        yield {"at": at, "day": day, "period": f"{day:%Y-%m}", "year": day.year}


def _who(session: Session) -> dict[str, Any]:
    """Agencies with their budgets, and one buyer and one shop that everything is from."""
    with transaction(session):
        begin_in(session, OPERATOR, year=FIRST_YEAR)
        agencies = [
            Agency(code=_code(at), name=f"Instansi {at:03}", kind=AgencyKind.DINAS)
            for at in range(AGENCIES)
        ]
        session.add_all(agencies)
        session.flush()
        since = date(FIRST_YEAR, 1, 1)
        begin(session, agencies, on=since, recorded_by=IMPORTER, now=instant_of(since))
        budgets = [
            {"agency_id": agency.id, "fiscal_year": FIRST_YEAR + year}
            for agency in agencies
            for year in range(YEARS)
        ]
        counters = {"ceiling_amount": CEILING, "revision": 1}
        session.execute(insert(BudgetYear), [of | counters for of in budgets])
        revision = {
            "revision": 1,
            "effective_on": since,
            "document_number": "DPA 1",
            "total_amount": CEILING,
            "state": RevisionState.CONFIRMED,
            "proposed_by": IMPORTER,
            "proposed_at": instant_of(since),
            "confirmed_by": CONFIRMER,
            "confirmed_at": instant_of(since),
        }
        session.execute(insert(BudgetRevision), [of | revision for of in budgets])
        first_agency = agencies[0].id
    placement, seller = placed(session, agencies[0]), shop(session)
    cart = Cart(person_id=placement.person_id, changed_at=NOON)
    with transaction(session):
        session.add(cart)
    return {
        "first_agency": first_agency,
        "placement": placement,
        "seller": seller,
        "variant_id": listed_variant(session, seller=seller),
        "cart_id": cart.id,
    }


def _insert(session: Session, table: Table, rows: Any) -> None:
    while batch := list(islice(rows, BATCH)):
        session.execute(insert(table), batch)


def _number() -> ColumnElement[str]:
    return literal("B") + cast(100_000_000 + n, String) + literal("-1")


def _agency_code() -> ColumnElement[str]:
    """`B007`: the last three digits of a thousand and the number."""
    return literal("B") + func.substr(cast(1_000 + agency_at, String), 2, 3)


def _seller_class() -> ColumnElement[Any]:
    return case(
        *((class_at == at, literal(each.value)) for at, each in enumerate(CLASSES)),
        else_=literal(CLASSES[0].value),
    )


def _put(session: Session, table: type[Base], values: dict[str, Any], *joined: Table) -> None:
    """Rows of a table, one a number: constants typed as the columns are, the rest as it is."""
    columns = table.__table__.c
    chosen = [
        value if isinstance(value, ColumnElement) else literal(value, columns[name].type)
        for name, value in values.items()
    ]
    rows = select(*chosen).select_from(NUMBERS)
    if joined:
        rows = rows.join(DAYS, DAYS.c.at == month_at)
    session.execute(insert(table.__table__).from_select(list(values), rows))  # type: ignore[arg-type]


def _orders(session: Session, same: dict[str, Any]) -> None:
    placement = same["placement"]
    _put(
        session,
        Purchase,
        {
            "id": n,
            "number": literal("B") + cast(100_000_000 + n, String),
            "buyer_id": placement.person_id,
            "cart_id": same["cart_id"],
            "cart_revision": n,
            "fund": Fund.OFFICIAL,
            "total_amount": amount,
            "placed_at": NOON,
        },
    )
    _put(session, Order, _order(same), DAYS)
    people = {
        "order_id": n,
        "buyer_nip": placement.nip,
        "buyer_name": "Rina Amelia",
        "buyer_position": placement.position,
        "phone": "",
        "address": "Jl. Supratman No. 1, Bandung",
    }
    _put(session, OrderPeople, people)
    line = {
        "order_id": n,
        "position": 1,
        "variant_id": same["variant_id"],
        "place": "shop",
        "is_counted": True,
        "sku": "KOPI-1",
        "product_name": "Kopi Arabika Manglayang",
        "product_slug": "kopi-1",
        "variant_name": "200 g",
        "category_path": f"{CATEGORY}/kopi-bubuk/",
        "unit": "bungkus",
        "quantity": 1,
        "unit_price_amount": amount,
        "line_amount": amount,
        "tax_amount": 0,
        "shipped_quantity": 1,
        "received_quantity": 1,
        "returned_quantity": 0,
        "cancelled_quantity": 0,
    }
    _put(session, OrderLine, line)


def _order(same: dict[str, Any]) -> dict[str, Any]:
    placement, seller = same["placement"], same["seller"]
    amounts = ("goods", "total", "quota", "budget", "agreed", "accepted", "paid", "realised")
    noughts = ("tax", "delivery", "refunded", "withheld", "committed", "cap", "budget_committed")
    return {
        "id": n,
        "number": _number(),
        "purchase_id": n,
        "position": 1,
        "fund": Fund.OFFICIAL,
        "channel": Channel.ONLINE,
        "is_practice": False,
        "status": OrderStatus.COMPLETED,
        "payment_status": PaymentStatus.PAID,
        "fulfilment_status": FulfilmentStatus.RECEIVED,
        "payment_method": PaymentMethod.LS,
        "buyer_id": placement.person_id,
        "placement_id": placement.id,
        "agency_id": same["first_agency"] + agency_at,
        "agency_code": _agency_code(),
        "agency_name": "Instansi",
        "seller_id": seller.id,
        "seller_name": seller.name,
        "seller_class": _seller_class(),
        "seller_class_evidence": "OSS",
        "seller_nib": seller.nib,
        "seller_npwp": seller.npwp,
        **{f"{name}_amount": amount for name in amounts},
        **{f"{name}_amount": 0 for name in noughts},
        "budget_spent_amount": amount,
        "holds_stock": False,
        "purpose": "rapat",
        "activity_code": "1.02.02.2.02",
        "activity_name": "Rapat",
        "expense_account": "5.1.02.01.01.0052",
        "budget_year": DAYS.c.year,
        "approved_by": CONFIRMER,
        "approved_by_name": "Deni Anggara",
        "approved_at": NOON,
        "delivery": Delivery.OFFICE,
        "note": "",
        "tracking": "",
        "placed_at": NOON,
        "received_at": NOON,
        "paid_at": NOON,
        "snapshot_sha256": SNAPSHOT,
        "rule_version": 1,
        "event_count": 0,
    }


def _ledger(session: Session, orders: int) -> None:
    """Two entries an order, in the order of the numbers; balances run along each account."""
    accounts = [
        {
            "id": _account_id(at, year, kind),
            "agency_code": _code(at),
            "fiscal_year": FIRST_YEAR + year,
            "fund": Fund.OFFICIAL,
            "seller_class": CLASSES[kind],
        }
        for at in range(AGENCIES)
        for year in range(YEARS)
        for kind in range(len(CLASSES))
    ]
    for at in range(0, len(accounts), BATCH):
        session.execute(insert(QuotaAccount), accounts[at : at + BATCH])
    year_at = month_at // MONTHS
    account = (agency_at * YEARS + year_at) * len(CLASSES) + class_at + 1
    seq = func.row_number().over(partition_by=account, order_by=n)
    reached = func.sum(amount).over(partition_by=account, order_by=n)
    same: dict[str, Any] = {
        "account_id": account,
        "reference": _number(),
        "occurred_on": DAYS.c.day,
        "period": DAYS.c.period,
        "recorded_at": NOON,
        "recorded_by": IMPORTER,
        "reason": "",
        "rule_version": 1,
        "snapshot_sha256": SNAPSHOT,
        "salt": bytes(16),
        "seal": NO_SEAL,
    }
    commit = {
        "id": 2 * n - 1,
        "account_seq": 2 * seq - 1,
        "kind": EntryKind.COMMIT,
        "cause": "approve 1",
        "committed_change": amount,
        "realised_change": 0,
        "committed_after": amount,
        "realised_after": reached - amount,
    }
    realise = {
        "id": 2 * n,
        "account_seq": 2 * seq,
        "kind": EntryKind.REALISE,
        "cause": "pay 1",
        "committed_change": 0 - amount,
        "realised_change": amount,
        "committed_after": 0,
        "realised_after": reached,
    }
    for entry in (commit, realise):
        _put(session, LedgerEntry, same | entry, DAYS)
    entries = select(LedgerEntry.id, LedgerEntry.id).order_by(LedgerEntry.id)
    session.execute(insert(LogLine).from_select(["position", "entry_id"], entries))
    size = update(Mark).where(Mark.name == MarkName.LOG_SIZE)
    session.execute(size.values(value=2 * orders))


def _account_id(at: int, year: int, kind: int) -> int:
    return (at * YEARS + year) * len(CLASSES) + kind + 1


def _sums(session: Session, orders: int, seller_id: int) -> None:
    """The months, the accounts' balances, and who got what, all from the entries."""
    realised = func.sum(LedgerEntry.realised_change)
    months = select(
        LedgerEntry.account_id, LedgerEntry.period, literal(0), realised, literal(0), literal(0)
    ).group_by(LedgerEntry.account_id, LedgerEntry.period)
    names = ["account_id", "period", "committed_change", "realised_change"]
    session.execute(
        insert(QuotaMonth).from_select([*names, "reversed_change", "off_platform_change"], months)
    )
    of_account = (
        select(func.coalesce(func.sum(QuotaMonth.realised_change), 0))
        .where(QuotaMonth.account_id == QuotaAccount.id)
        .scalar_subquery()
    )
    entries = (
        select(func.count()).where(LedgerEntry.account_id == QuotaAccount.id).scalar_subquery()
    )
    session.execute(
        update(QuotaAccount)
        .values(realised_amount=of_account, entry_count=entries)
        .execution_options(synchronize_session=False)
    )
    key = (QuotaAccount.agency_code, QuotaAccount.fiscal_year, QuotaAccount.seller_class)
    columns = ["agency_code", "fiscal_year", "seller_class"]
    amounts = ["committed_amount", "realised_amount"]
    for table, name, part in (
        (CategorySum, "category", literal(CATEGORY)),
        (SellerSum, "seller_id", literal(seller_id)),
    ):
        rows = select(*key, part, literal(0), QuotaAccount.realised_amount)
        session.execute(insert(table).from_select([*columns, name, *amounts], rows))
    session.execute(update(SpreadMark).values(position=2 * orders))
