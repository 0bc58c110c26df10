"""What waits for a second person is told to whoever could be it, never to who proposed it.

A message that is read late tells nobody of what was decided meanwhile.
"""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.accounts.models import PersonDetails
from storefront.agencies.models import Agency
from storefront.agencies.tree_models import AgencyChange, AgencyChangePart, ChangeState
from storefront.core.outbox import Message
from storefront.core.permissions import PersonId, Role
from storefront.notifications import recipients
from storefront.notifications.letters import Letter
from storefront.notifications.recipients import Recipient
from storefront.quota.closing_models import CloseProposal, CloseState
from storefront.quota.correction_models import Correction, CorrectionKind, CorrectionState
from storefront.quota.rule_models import ProposalState, QuotaExemption, RuleProposal

DECIDING = (Role.APPROVER, Role.TREASURER, Role.AGENCY_ADMIN)
"""Who decides on a purchase outside the store, in its agency (`core/permissions.py`)."""


def close_proposed(session: Session, message: Message, _today: date) -> list[Letter]:
    """A month that somebody would close."""
    waiting = select(CloseProposal).filter_by(
        month=str(message.payload["month"]), state=CloseState.WAITING
    )
    proposed = session.scalar(waiting)
    if proposed is None:
        return []
    values = _by(session, proposed.proposed_by) | {"month": proposed.month}
    return _to_city(session, proposed.proposed_by, "close_proposed", "/city/closes", values)


def rule_proposed(session: Session, message: Message, _today: date) -> list[Letter]:
    """A new version of the quota's rule."""
    proposed = session.get_one(RuleProposal, int(message.payload["proposal"]))
    if proposed.state is not ProposalState.PROPOSED:
        return []
    values = _by(session, proposed.proposed_by) | {
        "effective_on": proposed.effective_on,
        "target": proposed.target_permille,
        "basis": proposed.basis,
    }
    path = "/city/confirmations"
    return _to_city(session, proposed.proposed_by, "rule_proposed", path, values)


def exemption_proposed(session: Session, message: Message, _today: date) -> list[Letter]:
    """An agency that would have no target for a while."""
    proposed = session.get_one(QuotaExemption, int(message.payload["exemption"]))
    if proposed.state is not ProposalState.PROPOSED:
        return []
    values = _by(session, proposed.proposed_by) | {
        "agency": session.get_one(Agency, proposed.agency_id).name,
        "valid_from": proposed.valid_from,
        "valid_to": proposed.valid_to,
        "reason": proposed.reason,
    }
    path = "/city/exemptions"
    return _to_city(session, proposed.proposed_by, "exemption_proposed", path, values)


def agency_change_proposed(session: Session, message: Message, today: date) -> list[Letter]:
    """A change of the tree: to the city, and to the admins of the agencies that it touches."""
    change = session.get_one(AgencyChange, int(message.payload["change"]))
    if change.state is not ChangeState.PROPOSED:
        return []
    values = _by(session, change.proposed_by) | {
        "agency": session.get_one(Agency, change.agency_id).name,
        "kind": change.kind.value,
        "effective_on": change.effective_on,
        "document": change.document_number,
    }
    template = "agency_change_proposed"
    path = f"/city/changes/{change.id}"
    parts = select(AgencyChangePart.code).filter_by(change_id=change.id)
    touched = session.scalars(select(Agency.id).where(Agency.code.in_(parts)).order_by(Agency.id))
    admins = [
        to
        for agency_id in (change.agency_id, *touched)
        for to in recipients.agency_staff(session, agency_id, Role.AGENCY_ADMIN, today=today)
    ]
    of_city = _to_city(session, change.proposed_by, template, path, values)
    known = {letter.to.person_id for letter in of_city}
    others = _others(admins, change.proposed_by, known)
    return of_city + [Letter(to, template, "/agency/", values) for to in others]


def correction_proposed(session: Session, message: Message, today: date) -> list[Letter]:
    """A purchase outside the store, or orders that would move: what is told is its document's."""
    correction = session.get_one(Correction, int(message.payload["correction"]))
    if correction.state is not CorrectionState.PROPOSED:
        return []
    values = _by(session, correction.proposed_by) | {
        "document": correction.number,
        "is_purchase": correction.kind is CorrectionKind.ADJUST,
    }
    template, path = "correction_proposed", f"/city/corrections/{correction.id}"
    letters = _to_city(session, correction.proposed_by, template, path, values)
    if correction.kind is not CorrectionKind.ADJUST or correction.agency_id is None:
        return letters
    staff = [
        to
        for role in DECIDING
        for to in recipients.agency_staff(session, correction.agency_id, role, today=today)
    ]
    own = f"/agency/purchases/{correction.id}?agency={correction.agency_code}"
    known = {letter.to.person_id for letter in letters}
    others = _others(staff, correction.proposed_by, known)
    return letters + [Letter(to, template, own, values) for to in others]


def _to_city(
    session: Session, proposed_by: PersonId, template: str, path: str, values: dict[str, object]
) -> list[Letter]:
    admins = recipients.city_staff(session, Role.CITY_ADMIN)
    return [Letter(to, template, path, values) for to in _others(admins, proposed_by, set())]


def _others(
    people: Iterable[Recipient], proposed_by: PersonId, known: set[PersonId | None]
) -> list[Recipient]:
    """Each once, without who proposed it and who was told already."""
    left = {to.person_id: to for to in people if to.person_id not in {proposed_by, *known}}
    return list(left.values())


def _by(session: Session, person_id: PersonId) -> dict[str, object]:
    """Who proposed it; None for the command line."""
    found = session.get(PersonDetails, person_id)
    return {"by": found.name if found else None}
