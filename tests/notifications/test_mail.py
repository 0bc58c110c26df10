"""Who is written to, once for each thing, in words they can use."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import ROOT
from storefront.core import audit, outbox
from storefront.core.database import transaction
from storefront.core.permissions import CITY, SYSTEM, Role
from storefront.core.signed_notes import Signer
from storefront.notifications import mail
from storefront.notifications.mail import MailRefused, Outgoing
from storefront.notifications.models import Mail
from storefront.notifications.topics import WRITERS
from storefront.orders.fulfilment import cancel
from storefront.quota import checkpoints
from tests.factories import NOON, agency, placed, signed_up
from tests.factories_orders import Around, approved_order, around, paid_order, placed_order
from tests.notifications.mailing import RENDERER, told


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


def addresses(session: Session, *people: object) -> set[str]:
    from storefront.accounts.models import PersonDetails  # noqa: PLC0415

    found = session.scalars(
        select(PersonDetails.email).where(PersonDetails.person_id.in_([str(one) for one in people]))
    )
    return {email for email in found if email}


def test_a_request_is_told_to_its_approver_and_to_nobody_else(session: Session, of: Around) -> None:
    number = placed_order(session, of)
    mails = [each for each in told(session) if each.template == "approval_requested"]
    assert {each.to_address for each in mails} == addresses(session, of.approver.person_id)
    assert f"https://toko.example/agency/approvals/{number}" in mails[0].body
    assert "Rp" in mails[0].subject


def test_an_approved_order_is_told_to_its_buyer_and_its_seller(
    session: Session, of: Around
) -> None:
    approved_order(session, of)
    to = {each.template: each.to_address for each in told(session)}
    assert {to["order_approved"]} == addresses(session, of.buyer.person_id)
    assert {to["order_placed"]} == addresses(session, of.seller.person_id)


def test_a_personal_order_is_told_to_its_seller_once_it_is_paid_and_never_to_the_agency(
    session: Session, of: Around
) -> None:
    paid_order(session, of)
    mails = told(session)
    staff = addresses(session, of.approver.person_id, of.treasurer.person_id)
    assert [each.template for each in mails if each.template == "order_placed"] == ["order_placed"]
    assert not staff & {each.to_address for each in mails}


def test_a_seller_hears_of_no_request_that_never_reached_it(session: Session, of: Around) -> None:
    known, unknown = approved_order(session, of), placed_order(session, of)
    with transaction(session):
        for number in (known, unknown):
            cancel(session, of.buyer, number, now=NOON)
    mails = [each for each in told(session) if each.template == "order_cancelled"]
    to_seller = [each.subject for each in mails if "/seller/orders/" in each.body]
    assert to_seller == [f"Pesanan {known} dibatalkan"]
    assert len(mails) == 3


def test_a_message_handled_twice_is_one_mail(session: Session, of: Around) -> None:
    placed_order(session, of)
    assert len(told(session)) == len(told(session)) > 0


@pytest.mark.parametrize(
    "template", sorted(path.stem for path in (ROOT / "templates/mail").glob("*.txt"))
)
def test_every_template_reads_in_both_languages(template: str) -> None:
    if template in {"frame", "lines"}:
        return
    values = {
        "name": "Rina", "link": "https://toko.example/x", "number": "P-1-1",
        "seller": "Kopi Wening",
        "agency": "Dinas Kesehatan", "buyer": "Rina", "amount": 15_000, "purpose": "Rapat",
        "lines": [("Kopi", "200 g", 2)], "decide_by": NOON, "deliver_on": NOON.date(),
        "tracking": "D 1", "is_official": True, "reason": "Stok habis", "expires_at": NOON,
        "person": "Deni", "year": 2026, "document": "DPA/1", "owner": "Euis", "district": "Regol",
        "tries": 20, "at": NOON, "count": 3, "new": 1, "found": ["P-1-1: paid"],
        "share": 120, "planned": 230, "missing": 1_000, "monthly": 500, "waits": True,
        "of_budget": True, "classes": ["Usaha mikro", "Koperasi"],
        "size": 812, "note": "a\n\nb\n", "audit_size": 90, "audit_note": "c\n", "issued_at": NOON,
        "by": "Yayan", "month": "2026-09", "effective_on": NOON.date(), "target": 450,
        "basis": "Perwal 3", "valid_from": NOON.date(), "valid_to": NOON.date(), "kind": "merge",
        "is_purchase": True,
    }  # fmt: skip
    for language in ("id", "en"):
        rendered = RENDERER.render(template, language, **values)
        assert rendered.subject
        assert "https://toko.example/x" in rendered.body


def test_every_topic_with_a_mail_has_its_template() -> None:
    assert set(WRITERS) >= {
        "approval_requested", "order_placed", "order_approved", "order_rejected",
        "account_code_issued", "role_proposed", "budget_proposed", "seller_applied",
        "city_role_proposed", "sign_in_alert",
    }  # fmt: skip


class Slow:
    """A mail server that refuses at first."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.sent: list[Outgoing] = []

    def send(self, mail: Outgoing) -> None:
        if self.refusals:
            self.refusals -= 1
            raise MailRefused("451 come back later")
        self.sent.append(mail)


def test_a_refused_mail_is_sent_later_and_only_once(session: Session, of: Around) -> None:
    placed_order(session, of)
    told(session)
    server = Slow(refusals=1)

    def send(minutes: int) -> int:
        now = NOON + timedelta(minutes=minutes)
        return mail.send_due(lambda: transaction(session), server, now=now, keep_secrets=False)

    assert (send(0), send(60), send(120)) == (0, 1, 0)
    assert len(server.sent) == 1


def test_a_link_that_sets_a_password_is_blanked_once_it_has_left(
    session: Session, of: Around, tmp_path: Path
) -> None:
    del of, tmp_path
    with transaction(session):
        outbox.put(session, "order_placed", {"order": "none"}, now=NOON)
        session.flush()
        message = outbox.due(session, now=NOON)[0]
        session.add(
            Mail(
                outbox_id=message.id, to_address="a@b.example", template="code_activate",
                subject="x", body="rahasia", written_at=NOON, due_at=NOON,
            )
        )  # fmt: skip
    mail.send_due(lambda: transaction(session), Slow(0), now=NOON, keep_secrets=False)
    assert session.scalars(select(Mail.body)).one() == ""


def test_a_checkpoint_goes_to_auditors_and_every_agencys_procurement_with_its_notes(
    session: Session,
) -> None:
    auditor = signed_up(session, Role.AUDITOR, CITY).person_id
    health = signed_up(session, Role.PROCUREMENT).person_id
    other = placed(session, agency(session, "7.01.01"), Role.PROCUREMENT, Role.BUYER).person_id
    placed(session, agency(session, "7.01.02"), Role.PROCUREMENT, person_id=other)
    signed_up(session, Role.APPROVER)
    with transaction(session):
        signer = Signer("toko.example/ledger", bytes(32))
        issued = checkpoints.issue_and_announce(session, signer, now=NOON)
    mails = told(session)
    assert {one.to_address for one in mails} == addresses(session, auditor, health, other)
    assert len(mails) == 3
    for one in mails:
        assert one.subject == "Cap buku kuota nomor 0"
        assert f"\n{issued.ledger.note}\n" in one.body
        assert f"\n{issued.audit.note}\n" in one.body
        assert "https://toko.example/ledger/checkpoints" in one.body


def test_of_several_checkpoints_that_waited_the_last_is_mailed(session: Session) -> None:
    signed_up(session, Role.AUDITOR, CITY)
    signer = Signer("toko.example/ledger", bytes(32))
    for number in range(3):
        with transaction(session):
            audit.record(session, SYSTEM, "seller.verified", f"{number}", now=NOON)
            issued = checkpoints.issue_and_announce(session, signer, now=NOON)
    (mail_of_last,) = told(session)
    assert issued.audit.note in mail_of_last.body
