"""Orders as they are shown: frozen, and with what only their reader may see."""

from dataclasses import dataclass
from datetime import date, datetime

from storefront.orders.models import (
    Channel,
    Delivery,
    FulfilmentStatus,
    OrderStatus,
    PaymentMethod,
    PaymentStatus,
    WaitsFor,
)
from storefront.orders.parties import Party
from storefront.orders.stages import Stage, stage_of
from storefront.orders.words import Event
from storefront.payments.models import GatewayPaymentStatus, RefundStatus
from storefront.quota.models import EntryKind, Fund
from storefront.sellers.models import SellerClass, SellerId


@dataclass(frozen=True, kw_only=True)
class OrderRow:
    """An order in a list. Amounts in rupiah."""

    number: str
    purchase_number: str
    fund: Fund
    status: OrderStatus
    payment_status: PaymentStatus
    fulfilment_status: FulfilmentStatus
    placed_at: datetime
    agency_code: str
    agency_name: str
    buyer_name: str
    seller_id: SellerId
    seller_name: str
    seller_class: SellerClass
    purpose: str
    delivery: Delivery
    outlet_code: str | None
    deliver_on: date | None
    decide_by: datetime | None
    received_at: datetime | None
    bast_number: str | None
    total_amount: int
    budget_year: int
    waits_for: WaitsFor | None
    """Carried into `budget_year`, whose budget cannot bear it yet; None: it does not wait."""
    payable_amount: int
    """What the treasurer may pay now: accepted and not paid yet. Of an official order."""
    line_count: int
    first_line: str
    first_quantity: int
    picture_key: str | None

    @property
    def stage(self) -> Stage:
        return stage_of(self.status, self.payment_status, self.fulfilment_status)


@dataclass(frozen=True, kw_only=True)
class LineView:
    """What was bought, and how much of it is where. `left_...`: what can still be done to it."""

    position: int
    sku: str
    product_name: str
    product_slug: str
    variant_name: str
    unit: str
    picture_key: str | None
    quantity: int
    unit_price_amount: int
    line_amount: int
    tax_amount: int
    shipped_quantity: int
    received_quantity: int
    returned_quantity: int
    cancelled_quantity: int

    @property
    def left_to_ship(self) -> int:
        return self.quantity - self.cancelled_quantity - self.shipped_quantity

    @property
    def left_to_receive(self) -> int:
        return self.shipped_quantity - self.received_quantity


@dataclass(frozen=True)
class EventView:
    """What happened. `who` is a person's name, of a seller's side the shop's; "" for the clock."""

    event: Event
    party: Party
    who: str
    at: datetime
    reason: str
    status: OrderStatus
    payment_status: PaymentStatus
    fulfilment_status: FulfilmentStatus


@dataclass(frozen=True)
class NextStep:
    """What is still to come, in its order; `by` where there is a day or an instant for it."""

    event: Event
    party: Party
    by: date | datetime | None = None


@dataclass(frozen=True)
class PaymentView:
    """Money that came: of an official order from the treasurer's proof, gross and withheld."""

    method: PaymentMethod | None
    paid_on: date
    proof_number: str
    gross_amount: int
    withheld_amount: int

    @property
    def net_amount(self) -> int:
        return self.gross_amount - self.withheld_amount


@dataclass(frozen=True)
class RefundView:
    """Money that goes back, or went."""

    amount: int
    status: RefundStatus
    asked_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True)
class EntryView:
    """What the quota ledger holds under the order's number. Changes are signed rupiah."""

    kind: EntryKind
    fiscal_year: int
    committed_change: int
    realised_change: int
    occurred_on: date
    period: str
    recorded_at: datetime
    cause: str


@dataclass(frozen=True, kw_only=True)
class OrderView:
    """An order as one of its parties, its agency's staff or the auditor sees it."""

    row: OrderRow
    state_word: str
    """Where it stands, a message id that follows the number."""
    channel: Channel
    parent_agency_code: str | None
    seller_slug: str
    seller_nib: str
    seller_npwp: str
    buyer_nip: str
    """Of an official order, and not for its seller; so with the position and the entries."""
    buyer_position: str
    buyer_phone: str
    address: str
    note: str
    goods_amount: int
    tax_amount: int
    delivery_amount: int
    quota_amount: int
    paid_amount: int
    refunded_amount: int
    withheld_amount: int
    committed_amount: int
    realised_amount: int
    activity_code: str
    activity_name: str
    expense_account: str
    budget_year: int
    exception_reason: str
    """Why it was asked for above the budget; its agency's, as what follows."""
    over_ceiling_amount: int
    """Rupiah above a ceiling that its approver knowingly accepted."""
    approved_by_name: str
    approved_at: datetime | None
    accepted_at: datetime | None
    shipped_at: datetime | None
    receive_by: datetime | None
    paid_at: datetime | None
    payment_method: PaymentMethod | None
    tracking: str
    lines: tuple[LineView, ...]
    events: tuple[EventView, ...]
    may: tuple[Event, ...]
    """What the reader may do to it now."""
    next_steps: tuple[NextStep, ...]
    payments: tuple[PaymentView, ...]
    refunds: tuple[RefundView, ...]
    entries: tuple[EntryView, ...]
    is_own: bool
    """Whether the reader is its buyer."""


@dataclass(frozen=True)
class CheckoutPayment:
    """A purchase's payment at the gateway. `redirect_url` while it can be used."""

    status: GatewayPaymentStatus
    redirect_url: str | None
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class PurchaseView:
    """A purchase with its orders, for its buyer."""

    number: str
    fund: Fund
    placed_at: datetime
    total_amount: int
    orders: tuple[OrderRow, ...]
    payment: CheckoutPayment | None


@dataclass(frozen=True)
class Waiting:
    """How many things wait for a person, by what they would do."""

    to_approve: int = 0
    to_pay_for_agency: int = 0
    to_answer: int = 0
    to_ship: int = 0
    to_pay: int = 0
    to_receive: int = 0
    to_put_right: int = 0
