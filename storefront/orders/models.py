"""Carts, purchases and orders: what is asked for, by whom, and what has become of it."""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storefront.agencies.models import AgencyId, PlacementId
from storefront.catalog.models import VariantId
from storefront.core.database import Base, BigId, Rupiah
from storefront.core.permissions import PersonId
from storefront.quota.models import Fund
from storefront.sellers.models import SellerClass, SellerId

CartId = NewType("CartId", int)
PurchaseId = NewType("PurchaseId", int)
OrderId = NewType("OrderId", int)


class Cart(Base):
    """What somebody gathers. It belongs to a person, or by a token's digest to a guest.

    `revision` rises with every change: a purchase is unique per cart, revision and fund, so the
    same submit sent twice is one purchase (contract.md, "Addresses").
    """

    __tablename__ = "carts"
    __table_args__ = (
        CheckConstraint(
            "(person_id IS NULL) <> (guest_digest IS NULL)", name="of_a_person_or_a_guest"
        ),
    )

    id: Mapped[CartId] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[PersonId | None] = mapped_column(ForeignKey("people.person_id"), unique=True)
    guest_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(index=True)

    items: Mapped[list["CartItem"]] = relationship(lazy="raise_on_sql", order_by="CartItem.id")


class CartItem(Base):
    """A variant and how many. It holds no stock."""

    __tablename__ = "cart_items"
    __table_args__ = (
        UniqueConstraint("cart_id", "variant_id"),
        CheckConstraint("quantity BETWEEN 1 AND 9999", name="quantity_in_bounds"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    cart_id: Mapped[CartId] = mapped_column(ForeignKey("carts.id"))
    variant_id: Mapped[VariantId] = mapped_column(ForeignKey("variants.id"), index=True)
    quantity: Mapped[int]
    seen_amount: Mapped[Rupiah]
    """What a piece cost when it was put in: a changed price is told before it is paid."""


class PickupPoint(Base):
    """An outlet where goods can be fetched free of charge. The city edits the table."""

    __tablename__ = "pickup_points"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    is_open: Mapped[bool] = mapped_column(default=True)


class Purchase(Base):
    """One checkout: one order per seller, and of own money one payment for all."""

    __tablename__ = "purchases"
    __table_args__ = (
        UniqueConstraint("cart_id", "cart_revision", "fund"),
        CheckConstraint("total_amount > 0", name="total_positive"),
        Index(None, "buyer_id", "id"),
    )

    id: Mapped[PurchaseId] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(12), unique=True)
    buyer_id: Mapped[PersonId] = mapped_column(ForeignKey("people.person_id"))
    cart_id: Mapped[CartId] = mapped_column(ForeignKey("carts.id"))
    cart_revision: Mapped[int]
    fund: Mapped[Fund]
    total_amount: Mapped[Rupiah]
    placed_at: Mapped[datetime]

    orders: Mapped[list["Order"]] = relationship(lazy="raise_on_sql", order_by="Order.position")


class OrderStatus(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PLACED = "placed"
    COMPLETED = "completed"
    REJECTED = "rejected"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class PaymentStatus(StrEnum):
    UNPAID = "unpaid"
    PENDING = "pending"
    PAID = "paid"
    PARTIALLY_PAID = "partially_paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


class FulfilmentStatus(StrEnum):
    WAITING = "waiting"
    ACCEPTED = "accepted"
    PARTIALLY_SHIPPED = "partially_shipped"
    SHIPPED = "shipped"
    PARTIALLY_RECEIVED = "partially_received"
    RECEIVED = "received"
    RETURNED = "returned"


class PaymentMethod(StrEnum):
    CARD = "card"
    QRIS = "qris"
    CASH = "cash"
    UP_GU = "up_gu"
    LS = "ls"
    KKPD = "kkpd"


class Channel(StrEnum):
    ONLINE = "online"
    OUTLET = "outlet"
    EXTERNAL = "external"


class Delivery(StrEnum):
    OFFICE = "office"
    HOME = "home"
    PICKUP = "pickup"


class WaitsFor(StrEnum):
    """What the budget of its year lacks for an order that was carried there."""

    LINE = "line"
    """A line with its activity and expense account, with room enough."""
    TOTAL = "total"
    """Room in the year's total, for an order that stands on no line."""


class YearEndChoice(StrEnum):
    CANCEL = "cancel"
    """Also of an order that was sent in part: what was not sent."""
    CARRY = "carry"


class Order(Base):
    """What one seller owes one buyer; the unit of attribution and of quota.

    Who buys, for which agency and from whom is frozen at submission (product.md, "Attribution").
    No status is ever assigned: `lifecycle.py` moves them. In rupiah of `quota_amount`:
    `agreed_amount` is A, `accepted_amount` V and `paid_amount` P (product.md, "The quota ledger").
    """

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("purchase_id", "position"),
        CheckConstraint(
            "goods_amount > 0 AND delivery_amount >= 0 AND tax_amount >= 0",
            name="amounts_in_bounds",
        ),
        CheckConstraint("total_amount = goods_amount + delivery_amount", name="total_adds_up"),
        CheckConstraint(
            "agreed_amount BETWEEN 0 AND quota_amount"
            " AND accepted_amount BETWEEN 0 AND quota_amount",
            name="not_more_than_ordered",
        ),
        CheckConstraint("paid_amount BETWEEN 0 AND total_amount", name="not_more_than_owed"),
        CheckConstraint(
            "refunded_amount >= 0 AND withheld_amount >= 0", name="refunded_not_negative"
        ),
        CheckConstraint(
            "committed_amount >= 0 AND realised_amount >= 0 AND cap_amount >= 0"
            " AND budget_committed_amount >= 0 AND budget_spent_amount >= 0",
            name="holds_not_negative",
        ),
        CheckConstraint(
            "waits_for IS NULL OR (budget_line_id IS NULL"
            " AND budget_committed_amount = 0 AND budget_spent_amount = 0)",
            name="waits_in_no_counter",
        ),
        CheckConstraint(
            "over_ceiling_amount = 0 OR over_ceiling_amount > 0 AND exception_reason <> ''",
            name="over_ceiling_with_a_reason",
        ),
        Index(None, "buyer_id", "id"),
        Index(None, "seller_id", "status", "id"),
        Index(None, "seller_id", "id"),
        Index(None, "agency_id", "fund", "status", "id"),
        Index(None, "agency_id", "fund", "placed_at"),
        Index(None, "approval_agency_id", "status", "id"),
        Index(None, "fund", "placed_at"),
        Index(None, "status", "decide_by"),
        Index(None, "fulfilment_status", "receive_by"),
        Index(
            "ix_orders_waiting",
            "agency_id",
            "id",
            sqlite_where=text("waits_for IS NOT NULL"),
            postgresql_where=text("waits_for IS NOT NULL"),
        ),
    )

    id: Mapped[OrderId] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    purchase_id: Mapped[PurchaseId] = mapped_column(ForeignKey("purchases.id"))
    position: Mapped[int]
    fund: Mapped[Fund]
    channel: Mapped[Channel] = mapped_column(default=Channel.ONLINE)
    outlet_code: Mapped[str | None] = mapped_column(String(20))
    is_practice: Mapped[bool] = mapped_column(default=False)

    status: Mapped[OrderStatus]
    payment_status: Mapped[PaymentStatus]
    fulfilment_status: Mapped[FulfilmentStatus]
    payment_method: Mapped[PaymentMethod | None]

    # frozen: whose order it is
    buyer_id: Mapped[PersonId] = mapped_column(ForeignKey("people.person_id"))
    placement_id: Mapped[PlacementId] = mapped_column(ForeignKey("placements.id"), index=True)
    agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agencies.id"))
    agency_code: Mapped[str] = mapped_column(String(20))
    agency_name: Mapped[str] = mapped_column(String(160))
    parent_agency_code: Mapped[str | None] = mapped_column(String(20))

    # frozen: who owes it
    seller_id: Mapped[SellerId] = mapped_column(ForeignKey("sellers.id"))
    seller_name: Mapped[str] = mapped_column(String(120))
    seller_class: Mapped[SellerClass]
    seller_class_evidence: Mapped[str] = mapped_column(String(200))
    seller_nib: Mapped[str] = mapped_column(String(13))
    seller_npwp: Mapped[str] = mapped_column(String(16))

    goods_amount: Mapped[Rupiah]
    tax_amount: Mapped[Rupiah]
    """The part of `goods_amount` that is tax: prices include it."""
    delivery_amount: Mapped[Rupiah]
    total_amount: Mapped[Rupiah]
    quota_amount: Mapped[Rupiah]
    budget_amount: Mapped[Rupiah]
    agreed_amount: Mapped[Rupiah] = mapped_column(default=0)
    accepted_amount: Mapped[Rupiah] = mapped_column(default=0)
    paid_amount: Mapped[Rupiah] = mapped_column(default=0)
    refunded_amount: Mapped[Rupiah] = mapped_column(default=0)
    withheld_amount: Mapped[Rupiah] = mapped_column(default=0)

    # what it holds elsewhere, written by `accounting.py` alone with the counters themselves
    committed_amount: Mapped[Rupiah] = mapped_column(default=0)
    """C: what its ledger entries sum to in committed."""
    realised_amount: Mapped[Rupiah] = mapped_column(default=0)
    """R: what its ledger entries sum to in realised."""
    cap_amount: Mapped[Rupiah] = mapped_column(default=0)
    """Its part of the seller's month `cap_month`."""
    budget_committed_amount: Mapped[Rupiah] = mapped_column(default=0)
    budget_spent_amount: Mapped[Rupiah] = mapped_column(default=0)
    """Its part of the counters of its budget line (and year), in `budget_amount`."""
    holds_stock: Mapped[bool] = mapped_column(default=True)
    """Whether its lines' pieces are taken from stock: they go back once."""

    # official orders: what for, and who decides
    purpose: Mapped[str] = mapped_column(String(300), default="")
    activity_code: Mapped[str] = mapped_column(String(40), default="")
    activity_name: Mapped[str] = mapped_column(String(200), default="")
    expense_account: Mapped[str] = mapped_column(String(30), default="")
    budget_agency_id: Mapped[AgencyId | None] = mapped_column(ForeignKey("agencies.id"), index=True)
    """Whose budget bears it: the agency's own, or the nearest above that has one."""
    budget_year: Mapped[int]
    """The fiscal year of its budget line; of a personal order that of its placing."""
    budget_line_id: Mapped[int | None] = mapped_column(ForeignKey("budget_lines.id"), index=True)
    waits_for: Mapped[WaitsFor | None]
    """Carried into `budget_year`, whose budget cannot bear it yet: unpayable and in no counter."""
    approval_agency_id: Mapped[AgencyId | None] = mapped_column(ForeignKey("agencies.id"))
    decide_by: Mapped[datetime | None]
    exception_reason: Mapped[str] = mapped_column(String(400), default="")
    """Why it is asked for above the budget; empty: it stood within when it was submitted."""
    over_ceiling_amount: Mapped[Rupiah] = mapped_column(default=0)
    """Rupiah by which its approval left a budget above its ceiling, accepted knowingly."""
    approved_by: Mapped[PersonId | None] = mapped_column(String(16))
    approved_by_name: Mapped[str] = mapped_column(String(120), default="")
    approved_at: Mapped[datetime | None]
    cap_month: Mapped[str | None] = mapped_column(String(7))
    """The seller's month that its commitment counts in: that of the approval."""

    delivery: Mapped[Delivery]
    deliver_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(String(500), default="")
    tracking: Mapped[str] = mapped_column(String(200), default="")
    placed_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    shipped_at: Mapped[datetime | None]
    receive_by: Mapped[datetime | None]
    """When a personal order counts as received without a click."""
    reminded_at: Mapped[datetime | None]
    """When its buyer was told that it will soon count as received."""
    received_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    bast_number: Mapped[str | None] = mapped_column(String(60), unique=True)
    snapshot_sha256: Mapped[str] = mapped_column(String(64))
    rule_version: Mapped[int]
    event_count: Mapped[int] = mapped_column(default=0)

    lines: Mapped[list["OrderLine"]] = relationship(
        lazy="raise_on_sql", order_by="OrderLine.position"
    )
    people: Mapped["OrderPeople"] = relationship(lazy="raise_on_sql")
    events: Mapped[list["OrderEvent"]] = relationship(
        lazy="raise_on_sql", order_by="OrderEvent.seq"
    )
    purchase: Mapped[Purchase] = relationship(lazy="raise_on_sql", viewonly=True)


class OrderPeople(Base):
    """Names, NIP and address on an order, erasable for a personal one after its time."""

    __tablename__ = "order_people"

    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    buyer_nip: Mapped[str] = mapped_column(String(18))
    buyer_name: Mapped[str] = mapped_column(String(120))
    buyer_position: Mapped[str] = mapped_column(String(160))
    phone: Mapped[str] = mapped_column(String(20), default="")
    address: Mapped[str] = mapped_column(String(400))


class OrderLine(Base):
    """What was bought, as it was called and priced on that day."""

    __tablename__ = "order_lines"
    __table_args__ = (
        UniqueConstraint("order_id", "position"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint(
            "cancelled_quantity BETWEEN 0 AND quantity"
            " AND shipped_quantity BETWEEN 0 AND quantity - cancelled_quantity"
            " AND received_quantity BETWEEN 0 AND shipped_quantity"
            " AND returned_quantity BETWEEN 0 AND received_quantity",
            name="not_more_than_ordered",
        ),
        CheckConstraint("line_amount = quantity * unit_price_amount", name="line_adds_up"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"))
    position: Mapped[int]
    variant_id: Mapped[VariantId] = mapped_column(ForeignKey("variants.id"), index=True)
    place: Mapped[str] = mapped_column(String(20))
    """Where its stock was taken from."""
    is_counted: Mapped[bool]
    """Whether stock was taken at all; a made-to-order line takes a day's capacity."""
    sku: Mapped[str] = mapped_column(String(40))
    product_name: Mapped[str] = mapped_column(String(120))
    product_slug: Mapped[str] = mapped_column(String(120))
    variant_name: Mapped[str] = mapped_column(String(60))
    category_path: Mapped[str] = mapped_column(String(240))
    unit: Mapped[str] = mapped_column(String(20))
    picture_key: Mapped[str | None] = mapped_column(String(64))
    quantity: Mapped[int]
    unit_price_amount: Mapped[Rupiah]
    line_amount: Mapped[Rupiah]
    tax_amount: Mapped[Rupiah]
    shipped_quantity: Mapped[int] = mapped_column(default=0)
    received_quantity: Mapped[int] = mapped_column(default=0)
    returned_quantity: Mapped[int] = mapped_column(default=0)
    cancelled_quantity: Mapped[int] = mapped_column(default=0)
    """Pieces that were agreed on and will not come: the rest of a delivery that was closed."""


class SpendingElsewhere(Base):
    """What an order spent on the budget of another year than that of its budget line.

    An order is paid in the year of the payment's period: one that crosses a year's end can have
    spent on two budgets, and a counter is the sum of these rows and of the orders on it.
    """

    __tablename__ = "order_spending_elsewhere"
    __table_args__ = (CheckConstraint("spent_amount >= 0", name="spent_not_negative"),)

    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    budget_year_id: Mapped[int] = mapped_column(
        ForeignKey("budget_years.id"), primary_key=True, index=True
    )
    budget_line_id: Mapped[int | None] = mapped_column(ForeignKey("budget_lines.id"), index=True)
    spent_amount: Mapped[Rupiah]


class OrderEvent(Base):
    """A transition of an order, with who and when; the order's three statuses after it.

    `position` numbers events over all orders, after their commit (`event_log.py`).
    """

    __tablename__ = "order_events"
    __table_args__ = (UniqueConstraint("order_id", "seq"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"))
    seq: Mapped[int]
    event: Mapped[str] = mapped_column(String(30))
    person_id: Mapped[PersonId] = mapped_column(String(16), index=True)
    role: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[OrderStatus]
    payment_status: Mapped[PaymentStatus]
    fulfilment_status: Mapped[FulfilmentStatus]
    position: Mapped[int | None] = mapped_column(BigId, unique=True)


class YearEndDecision(Base):
    """What an agency wants done with an order that is still open when its budget year ends.

    Changed at will until that year is over; the audit log keeps every change. Without a row the
    default holds (`year_end.py`).
    """

    __tablename__ = "year_end_decisions"

    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    fiscal_year: Mapped[int] = mapped_column(primary_key=True)
    choice: Mapped[YearEndChoice]
    chosen_by: Mapped[PersonId] = mapped_column(String(16))
    chosen_at: Mapped[datetime]


class YearEndReminder(Base):
    """That an agency was reminded of its open orders on a day of December: once."""

    __tablename__ = "year_end_reminders"

    agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agencies.id"), primary_key=True)
    due_on: Mapped[date] = mapped_column(primary_key=True)
    written_at: Mapped[datetime]
