"""The agency's side: who may come in, for which agency they act, what stands around its pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from flask import Blueprint, g, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.access.queries import Identity
from storefront.agencies.models import AgencyId
from storefront.agencies.queries import agencies_by_code, pending_revisions
from storefront.agencies.roster_queries import pending_roles
from storefront.agencies.tree_history import pending_changes
from storefront.core.errors import N_, NotAllowed, NotFound
from storefront.core.permissions import (
    Action,
    Role,
    Scope,
    ScopeKind,
    agency_scope,
    allows,
    require,
)
from storefront.extensions import db, login_manager
from storefront.orders.queries import waiting_counts
from storefront.orders.year_end import ending_year
from storefront.quota.correction_queries import count_waiting
from storefront.web.clock import today
from storefront.web.frames import NavItem, OfficeFrame, Who, office_frame_of
from storefront.web.identity import current_actor, current_identity
from storefront.web.words import role_word

CHOSEN = "agency"
"""The argument that changes the agency, and where the choice is kept for this browser."""

agency = Blueprint("agency", __name__, url_prefix="/agency")


@dataclass(frozen=True)
class Office:
    """An agency in which the signed-in person works, beyond buying for it."""

    agency_id: AgencyId
    code: str
    name: str
    roles: tuple[Role, ...]

    @property
    def scope(self) -> Scope:
        return agency_scope(self.code)

    def may(self, action: Action) -> bool:
        return allows(current_actor(), action, self.scope)

    def require(self, action: Action) -> None:
        """Raises `NotAllowed`."""
        require(current_actor(), action, self.scope)


@dataclass(frozen=True)
class Room:
    """A page of the menu, and what one must be allowed to do to be shown it."""

    label: str
    endpoint: str
    icon: str
    action: Action | None = None
    short: str | None = None
    at_year_end: bool = False
    """Only from 1 December until the year is closed."""
    group: str = ""


ORDERS, FIGURES, PEOPLE = N_("Belanja"), N_("Kuota dan pagu"), N_("Orang")
ROOMS = (
    Room(N_("Ringkasan"), "agency.home", "house"),
    Room(N_("Kuota"), "agency.quota", "scale", Action.SEE_QUOTA, group=FIGURES),
    Room(
        N_("Persetujuan"),
        "agency.approvals",
        "circle-check",
        Action.APPROVE,
        short=N_("Setujui"),
        group=ORDERS,
    ),
    Room(
        N_("Pembayaran"),
        "agency.payments",
        "hand-coins",
        Action.PAY,
        short=N_("Bayar"),
        group=ORDERS,
    ),
    Room(N_("Pesanan"), "agency.orders", "package", Action.SEE_AGENCY_ORDERS, group=ORDERS),
    Room(
        N_("Belanja luar toko"),
        "agency.purchases",
        "receipt",
        Action.SEE_QUOTA,
        short=N_("Luar toko"),
        group=ORDERS,
    ),
    Room(
        N_("Akhir tahun"),
        "agency.year_end",
        "clock",
        Action.SEE_AGENCY_ORDERS,
        at_year_end=True,
        group=ORDERS,
    ),
    Room(N_("Pagu"), "agency.budget", "landmark", Action.SEE_BUDGET, group=FIGURES),
    Room(N_("Serlok"), "agency.serlok", "calendar-days", Action.SEE_QUOTA, group=FIGURES),
    Room(N_("Ekspor"), "agency.exports", "download", Action.EXPORT, group=FIGURES),
    Room(N_("Pegawai"), "agency.roster", "users", Action.MANAGE_ROSTER, group=PEOPLE),
)


def current_office() -> Office:
    """The agency for which this request acts; the guard has seen to it that there is one."""
    return cast(Office, g.office)


def offices_of(identity: Identity) -> tuple[Office, ...]:
    """The agencies in which a person has work, the definitive placement's first."""
    roles: dict[str, list[Role]] = {}
    found: dict[str, tuple[AgencyId, str]] = {}
    for placed in identity.placements:
        own = [role for role in placed.roles if role is not Role.BUYER]
        if own:
            at = placed.placement
            found.setdefault(at.agency_code, (at.agency_id, at.agency_name))
            roles.setdefault(at.agency_code, []).extend(own)
    return tuple(
        Office(agency_id, code, name, tuple(dict.fromkeys(roles[code])))
        for code, (agency_id, name) in found.items()
    )


def _offices(identity: Identity) -> dict[str, Office]:
    """The same by code, and after them the agencies that those took over."""
    offices = {office.code: office for office in offices_of(identity)}
    taken_over: dict[str, list[Role]] = {}
    for grant in sorted(current_actor().grants, key=lambda grant: grant.role):
        is_one = grant.scope_kind is ScopeKind.AGENCY and grant.role is not Role.BUYER
        if is_one and grant.scope_id not in offices:
            taken_over.setdefault(grant.scope_id, []).append(grant.role)
    if taken_over:
        for row in agencies_by_code(db.session(), taken_over):
            roles = tuple(taken_over[row.code])
            offices[row.code] = Office(row.agency_id, row.code, row.name, roles)
    return offices


@agency.before_request
def _let_in() -> ResponseReturnValue | None:
    """Signed in, and with work in some agency; `?agency=` chooses among one's own."""
    identity = current_identity()
    if identity is None:
        return cast(ResponseReturnValue, login_manager.unauthorized())
    offices = g.offices = _offices(identity)
    if not offices:
        raise NotAllowed
    asked = request.args.get(CHOSEN)
    if asked is not None:
        if asked not in offices:
            raise NotFound
        session[CHOSEN] = asked
    kept = session.get(CHOSEN)
    g.office = offices[kept] if kept in offices else next(iter(offices.values()))
    return None


@office_frame_of(agency)
def _frame() -> OfficeFrame:
    identity, office = cast(Identity, current_identity()), current_office()
    roles = ", ".join(role_word(role) for role in office.roles)
    return OfficeFrame(
        title=_("Menu instansi"),
        who=Who(name=identity.name, role=f"{roles} · {office.name}"),
        nav=tuple(_nav(office)),
        others=tuple(_others(identity, office)),
    )


def _nav(office: Office) -> Iterable[NavItem]:
    session, actor = db.session(), current_actor()
    waiting = waiting_counts(session, actor)
    badges = {
        "agency.approvals": waiting.to_approve,
        "agency.payments": waiting.to_pay_for_agency,
    }
    if office.may(Action.CONFIRM):
        badges["agency.purchases"] = count_waiting(session, office.code)
        badges["agency.home"] = len(pending_roles(session, actor)) + len(
            pending_revisions(session, actor)
        )
        badges["agency.home"] += len(pending_changes(session, actor))
    is_year_end = ending_year(session, today=today()) is not None
    for room in ROOMS:
        if room.at_year_end and not is_year_end:
            continue
        if room.action is None or office.may(room.action):
            yield NavItem(
                _(room.label),
                room.endpoint,
                room.icon,
                badge=badges.get(room.endpoint, 0),
                short=_(room.short) if room.short else None,
                group=_(room.group) if room.group else "",
            )


def _others(identity: Identity, office: Office) -> Iterable[NavItem]:
    """The person's other agencies, their shop, and the sides that roles over the city open."""
    for other in cast(dict[str, Office], g.offices).values():
        if other.code != office.code:
            yield NavItem(other.name, "agency.home", "building-2", arguments={CHOSEN: other.code})
    if identity.shops:
        yield NavItem(_("Toko saya"), "seller.home", "store")
    if Role.CITY_ADMIN in identity.city_roles:
        yield NavItem(_("Admin kota"), "city.home", "landmark")
    if Role.AUDITOR in identity.city_roles:
        yield NavItem(_("Pemeriksaan"), "audit.home", "shield-check")
