"""Who hears of what: for each outbox topic, the mails that it becomes."""

from collections.abc import Callable, Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from storefront.accounts.models import CityRole, OneTimeCode, PersonDetails
from storefront.agencies.models import Agency, AgencyId, BudgetRevision, Placement, PlacementRole
from storefront.core import outbox
from storefront.core.calendar import city_day
from storefront.core.outbox import Message
from storefront.core.permissions import PersonId, Role
from storefront.notifications import proposals, recipients
from storefront.notifications.letters import Letter
from storefront.notifications.recipients import Recipient
from storefront.orders.models import Order, Purchase
from storefront.orders.parties import has_reached_seller
from storefront.orders.year_end import open_in
from storefront.quota.models import Checkpoint, Fund, TreeName
from storefront.quota.rule_models import RuleBase
from storefront.quota.rules import rule_on
from storefront.reports.check_models import CheckFinding, CheckRun
from storefront.sellers.models import Seller, SellerId
from storefront.sellers.words import class_ids

MOST_NAMED = 10
Write = Callable[[Session, Message, date], list[Letter]]


def letters_for(session: Session, message: Message, *, today: date) -> list[Letter]:
    """The mails of a message; none for a topic that nobody is told of by mail."""
    write = WRITERS.get(message.topic)
    return write(session, message, today) if write else []


def _order(session: Session, message: Message) -> Order:
    query = (
        select(Order)
        .where(Order.number == str(message.payload["order"]))
        .options(selectinload(Order.lines), selectinload(Order.people))
    )
    return session.scalars(query).one()


def _about(order: Order, **more: object) -> dict[str, object]:
    """What a mail may say of an order. To an agency's staff only official ones are told."""
    return {
        "number": order.number,
        "seller": order.seller_name,
        "agency": order.agency_name,
        "buyer": order.people.buyer_name,
        "amount": order.total_amount,
        "lines": [(line.product_name, line.variant_name, line.quantity) for line in order.lines],
        "purpose": order.purpose,
        "decide_by": order.decide_by,
        "deliver_on": order.deliver_on,
        "tracking": order.tracking,
        "is_official": order.fund is Fund.OFFICIAL,
        "year": order.budget_year,
        "waits": order.waits_for is not None,
    } | more


def _last_reason(session: Session, order: Order) -> str:
    session.refresh(order, ["events"])
    return order.events[-1].reason if order.events else ""


def _to_buyer(template: str) -> Write:
    def write(session: Session, message: Message, _today: date) -> list[Letter]:
        order = _order(session, message)
        values = _about(order, reason=_last_reason(session, order))
        return [
            Letter(to, template, f"/orders/{order.number}", values)
            for to in recipients.people(session, [order.buyer_id])
        ]

    return write


def _to_seller(template: str) -> Write:
    def write(session: Session, message: Message, _today: date) -> list[Letter]:
        order = _order(session, message)
        values = _about(order, reason=_last_reason(session, order))
        return [
            Letter(to, template, f"/seller/orders/{order.number}", values)
            for to in recipients.shop_staff(session, order.seller_id)
        ]

    return write


def _to_agency(role: Role, template: str, path: str) -> Write:
    """To holders of a role; only ever of official orders (product.md, "Privacy")."""

    def write(session: Session, message: Message, today: date) -> list[Letter]:
        order = _order(session, message)
        if order.fund is not Fund.OFFICIAL:
            return []
        agency_id = order.agency_id
        if role is Role.APPROVER and order.approval_agency_id is not None:
            agency_id = order.approval_agency_id
        return [
            Letter(to, template, f"{path}/{order.number}", _about(order))
            for to in recipients.agency_staff(session, AgencyId(agency_id), role, today=today)
            if to.person_id != order.buyer_id
        ]

    return write


def _if_official(write: Write) -> Write:
    """Of own money the seller hears with the order itself: it is placed when it is paid."""

    def only_official(session: Session, message: Message, today: date) -> list[Letter]:
        is_official = _order(session, message).fund is Fund.OFFICIAL
        return write(session, message, today) if is_official else []

    return only_official


def _if_it_knows(write: Write) -> Write:
    """A seller hears of the end of those orders only of whose beginning it heard."""

    def only_known(session: Session, message: Message, today: date) -> list[Letter]:
        is_known = has_reached_seller(_order(session, message))
        return write(session, message, today) if is_known else []

    return only_known


def _both(*writers: Write) -> Write:
    def write(session: Session, message: Message, today: date) -> list[Letter]:
        return [letter for each in writers for letter in each(session, message, today)]

    return write


def _payment_expired(session: Session, message: Message, _today: date) -> list[Letter]:
    number = str(message.payload["purchase"])
    purchase = session.scalars(select(Purchase).where(Purchase.number == number)).one()
    values = {"number": purchase.number, "amount": purchase.total_amount}
    return [
        Letter(to, "payment_expired", f"/purchases/{purchase.number}", values)
        for to in recipients.people(session, [purchase.buyer_id])
    ]


def _code_issued(session: Session, message: Message, _today: date) -> list[Letter]:
    code = session.get_one(OneTimeCode, int(message.payload["code"]))
    template = f"code_{code.purpose.value}"
    return [
        Letter(to, template, "", {"expires_at": code.expires_at}, code.id)
        for to in recipients.people(session, [code.person_id])
        if to.email == code.sent_to
    ]


def _role_proposed(session: Session, message: Message, _today: date) -> list[Letter]:
    role = session.get_one(PlacementRole, int(message.payload["role"]))
    placement = session.get_one(Placement, role.placement_id)
    agency = session.get_one(Agency, placement.agency_id)
    person = session.get_one(PersonDetails, placement.person_id)
    values = {"person": person.name, "agency": agency.name}
    return [
        Letter(to, "role_proposed", "/city/confirmations", values)
        for to in recipients.city_staff(session, Role.CITY_ADMIN)
        if to.person_id not in {role.proposed_by, placement.person_id}
    ]


def _city_role_proposed(session: Session, message: Message, _today: date) -> list[Letter]:
    role = session.get_one(CityRole, int(message.payload["role"]))
    person = session.get_one(PersonDetails, role.person_id)
    return [
        Letter(to, "city_role_proposed", "/city/confirmations", {"person": person.name})
        for to in recipients.city_staff(session, Role.CITY_ADMIN)
        if to.person_id not in {role.proposed_by, role.person_id}
    ]


def _sign_in_alert(session: Session, message: Message, _today: date) -> list[Letter]:
    values = {"tries": int(message.payload["tries"])}
    return [
        Letter(to, "sign_in_alert", "/account", values)
        for to in recipients.people(session, [PersonId(str(message.payload["person"]))])
    ]


def _check_broken(session: Session, message: Message, _today: date) -> list[Letter]:
    """Which rows, never how much: a mail leaves the house, and some of it is private money."""
    number = int(message.payload["run"])
    run = session.get_one(CheckRun, number)
    new = (
        select(CheckFinding)
        .filter_by(run_number=number, is_new=True)
        .order_by(CheckFinding.id)
        .limit(MOST_NAMED)
    )
    found = [f"{one.place}: {one.what}" for one in session.scalars(new)]
    values = {"at": run.at, "count": run.breach_count, "new": run.new_count, "found": found}
    readers = {
        Role.AUDITOR: f"/audit/reconciliation/{number}",
        Role.CITY_ADMIN: f"/city/reconciliation/{number}",
    }
    return [
        Letter(to, "check_broken", path, values)
        for role, path in readers.items()
        for to in recipients.city_staff(session, role)
    ]


def _budget_proposed(session: Session, message: Message, _today: date) -> list[Letter]:
    revision = session.get_one(BudgetRevision, int(message.payload["revision"]))
    agency = session.get_one(Agency, revision.agency_id)
    values = {
        "agency": agency.name,
        "year": revision.fiscal_year,
        "document": revision.document_number,
        "amount": revision.total_amount,
    }
    return [
        Letter(to, "budget_proposed", "/city/confirmations", values)
        for to in recipients.city_staff(session, Role.CITY_ADMIN)
        if to.person_id != revision.proposed_by
    ]


def _behind_plan(session: Session, message: Message, today: date) -> list[Letter]:
    """To those who buy for the agency, with the figures of the day on which the city wrote."""
    told = message.payload
    rule = rule_on(session, city_day(message.written_at))
    agency = session.scalars(select(Agency).where(Agency.code == str(told["agency"]))).one()
    values = {
        "agency": agency.name,
        "year": told["year"],
        "share": int(told["permille"]),
        "of_budget": rule.base is RuleBase.BUDGET,
        "classes": class_ids(rule.seller_classes),
        "planned": int(told["planned_permille"]),
        "missing": told["missing_amount"],
        "monthly": told["monthly_amount"],
    }
    roles = (Role.PROCUREMENT, Role.APPROVER)
    return [
        Letter(to, "behind_plan", f"/agency/quota?agency={agency.code}", values)
        for role in roles
        for to in recipients.agency_staff(session, agency.id, role, today=today)
    ]


def _year_end(session: Session, message: Message, today: date) -> list[Letter]:
    """To those who choose, and to who plans for the agency."""
    told = message.payload
    agency = session.scalars(select(Agency).where(Agency.code == str(told["agency"]))).one()
    deciding = session.scalars(
        select(Order.approval_agency_id)
        .where(open_in(int(told["year"])), Order.agency_id == agency.id)
        .distinct()
        .order_by(Order.approval_agency_id)
    )
    approvers = [AgencyId(id_) for id_ in deciding if id_ is not None]
    values = {
        "agency": agency.name,
        "year": int(told["year"]),
        "count": int(told["count"]),
        "amount": int(told["amount"]),
    }
    staff = [(id_, Role.APPROVER) for id_ in approvers] + [(agency.id, Role.PROCUREMENT)]
    return [
        Letter(to, "year_end_reminder", "/agency/year-end", values)
        for id_, role in staff
        for to in recipients.agency_staff(session, id_, role, today=today)
    ]


def _checkpoint_issued(session: Session, message: Message, today: date) -> list[Letter]:
    """The notes themselves, to whoever is to keep them: auditors and procurement officers.

    Not of one that was followed by another meanwhile: the later one covers all that it covers.
    """
    newest = outbox.last(session, message.topic)
    if newest is not None and newest.id > message.id:
        return []
    ledger, audit = (
        session.get_one(Checkpoint, (tree, int(message.payload[tree.value]))) for tree in TreeName
    )
    values = {
        "size": ledger.size,
        "note": ledger.note,
        "audit_size": audit.size,
        "audit_note": audit.note,
        "issued_at": message.written_at,
    }
    keepers = [
        *recipients.city_staff(session, Role.AUDITOR),
        *recipients.staff_of_all_agencies(session, Role.PROCUREMENT, today=today),
    ]
    return [Letter(to, "checkpoint_issued", "/ledger/checkpoints", values) for to in keepers]


def _seller(session: Session, message: Message) -> Seller:
    return session.get_one(Seller, SellerId(int(message.payload["seller"])))


def _seller_applied(session: Session, message: Message, _today: date) -> list[Letter]:
    seller = _seller(session, message)
    values = {"seller": seller.name, "owner": seller.owner_name, "district": seller.district}
    return [
        Letter(to, "seller_applied", f"/city/sellers/{seller.id}", values)
        for to in recipients.city_staff(session, Role.CITY_ADMIN)
    ]


def _to_applicant(template: str) -> Write:
    """The application's own address: before the verification nobody has a login for the shop."""

    def write(session: Session, message: Message, _today: date) -> list[Letter]:
        seller = _seller(session, message)
        to = Recipient(None, seller.owner_name, seller.email, "id")
        values = {"seller": seller.name, "reason": seller.state_reason}
        return [Letter(to, template, "/login", values)]

    return write


WRITERS: Mapping[str, Write] = {
    "approval_requested": _to_agency(Role.APPROVER, "approval_requested", "/agency/approvals"),
    "order_placed": _to_seller("order_placed"),
    "order_approved": _to_buyer("order_approved"),
    "order_rejected": _to_buyer("order_rejected"),
    "order_sent_back": _to_buyer("order_sent_back"),
    "order_accepted": _to_buyer("order_accepted"),
    "order_declined": _to_buyer("order_declined"),
    "order_shipped": _to_buyer("order_shipped"),
    "order_received": _both(
        _to_seller("order_received"),
        _to_agency(Role.TREASURER, "payment_due", "/agency/payments"),
    ),
    "order_paid": _if_official(_to_seller("order_paid")),
    "order_cancelled": _both(
        _if_it_knows(_to_seller("order_cancelled")), _to_buyer("order_cancelled")
    ),
    "order_expired": _to_buyer("order_expired"),
    "order_refunded": _to_buyer("order_refunded"),
    "order_carried": _both(_to_seller("order_carried"), _to_buyer("order_carried")),
    "order_took_line": _both(
        _to_seller("order_took_line"),
        _to_agency(Role.TREASURER, "order_took_line", "/agency/payments"),
    ),
    "year_end_reminder": _year_end,
    "receive_reminder": _to_buyer("receive_reminder"),
    "payment_expired": _payment_expired,
    "account_code_issued": _code_issued,
    "role_proposed": _role_proposed,
    "agency_change_proposed": proposals.agency_change_proposed,
    "close_proposed": proposals.close_proposed,
    "correction_proposed": proposals.correction_proposed,
    "exemption_proposed": proposals.exemption_proposed,
    "rule_proposed": proposals.rule_proposed,
    "budget_proposed": _budget_proposed,
    "city_role_proposed": _city_role_proposed,
    "sign_in_alert": _sign_in_alert,
    "behind_plan": _behind_plan,
    "check_broken": _check_broken,
    "checkpoint_issued": _checkpoint_issued,
    "seller_applied": _seller_applied,
    "seller_verified": _to_applicant("seller_verified"),
    "seller_refused": _to_applicant("seller_refused"),
}
