"""The agency's front page: what waits for me, how the quota stands, what was ordered last."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from storefront.agencies import grants, revisions
from storefront.agencies.queries import pending_revisions
from storefront.agencies.roster_queries import RosterFilter, list_roster, pending_roles
from storefront.agencies.tree import confirm_change, refuse_change
from storefront.agencies.tree_history import pending_changes
from storefront.core.calendar import fiscal_year
from storefront.core.errors import NotFound
from storefront.core.permissions import Action
from storefront.extensions import db, transaction
from storefront.orders.queries import OrderFilter, list_orders, of_agency, waiting_counts
from storefront.orders.year_end import ending_year
from storefront.orders.year_end_view import count_open, count_waiting
from storefront.quota.periods import open_books
from storefront.reports.agency_orders import agency_orders
from storefront.reports.quota import AgencyQuota
from storefront.web.agency.office import Office, agency, current_office
from storefront.web.clock import now, today
from storefront.web.identity import current_actor
from storefront.web.messages import tell
from storefront.web.quota_desk import read_quota, shares

SEE_OTHER = 303
LAST_ORDERS = 6


@dataclass(frozen=True)
class Task:
    """Something that waits for the reader, and where it is done."""

    title: str
    about: str
    href: str
    icon: str


@agency.get("/")
def home() -> ResponseReturnValue:
    """By role: what waits, the quota in one line, the orders by whose turn it is, the last ones."""
    office, session = current_office(), db.session()
    year = fiscal_year(today())
    figures = read_quota(office.code, year)
    last = list_orders(session, OrderFilter(), of_agency(current_actor(), office.code))
    return render_template(
        "agency/home.html",
        office=office,
        tasks=list(_tasks(office, figures)),
        figures=figures,
        shares=shares(figures),
        standing=agency_orders(session, office.code),
        last=last.rows[:LAST_ORDERS],
        year=year,
        **proposals(),
    )


def proposals() -> dict[str, Sequence[object]]:
    """What waits for this person as the second one: roles, budgets, changes of the tree."""
    if not current_office().may(Action.CONFIRM):
        return {"roles": (), "revisions": (), "changes": ()}
    session, actor = db.session(), current_actor()
    return {
        "roles": pending_roles(session, actor),
        "revisions": pending_revisions(session, actor),
        "changes": pending_changes(session, actor),
    }


@agency.post("/roles/<int:role_id>")
def decide_role(role_id: int) -> ResponseReturnValue:
    """Be the second person of a role (`decision` = `confirm`), or refuse it (`refuse`)."""
    current_office().require(Action.CONFIRM)
    decide = _decision({"confirm": grants.confirm_role, "refuse": grants.refuse_role})
    with transaction() as session:
        decide(session, current_actor(), role_id, now=now())
    tell(_("Peran dikonfirmasi.") if _confirms() else _("Usulan peran ditolak."))
    return redirect(url_for("agency.home"), code=SEE_OTHER)


@agency.post("/revisions/<int:revision_id>")
def decide_revision(revision_id: int) -> ResponseReturnValue:
    """Be the second person of a budget revision, or refuse it."""
    current_office().require(Action.CONFIRM)
    decide = _decision({"confirm": revisions.confirm_revision, "refuse": revisions.refuse_revision})
    with transaction() as session:
        decide(session, current_actor(), revision_id, now=now())
    tell(_("Perubahan pagu dikonfirmasi.") if _confirms() else _("Perubahan pagu ditolak."))
    return redirect(url_for("agency.home"), code=SEE_OTHER)


@agency.post("/changes/<int:change_id>")
def decide_change(change_id: int) -> ResponseReturnValue:
    """Be the second person of a change of the tree that touches the agency, or refuse it."""
    current_office().require(Action.CONFIRM)
    if _decision({"confirm": True, "refuse": False}):
        with transaction() as session:
            first = open_books(session).first_day
            confirm_change(session, current_actor(), change_id, first_open=first, now=now())
    else:
        with transaction() as session:
            refuse_change(session, current_actor(), change_id, now=now())
    tell(_("Perubahan susunan dikonfirmasi.") if _confirms() else _("Perubahan susunan ditolak."))
    return redirect(url_for("agency.home"), code=SEE_OTHER)


Verb = TypeVar("Verb")


def _decision(verbs: Mapping[str, Verb]) -> Verb:
    """The verb that the form asks for. Raises `NotFound` for any other."""
    asked = request.form.get("decision", "")
    if asked not in verbs:
        raise NotFound
    return verbs[asked]


def _confirms() -> bool:
    return request.form.get("decision") == "confirm"


def _tasks(office: Office, figures: AgencyQuota) -> Iterable[Task]:
    session, actor = db.session(), current_actor()
    waiting = waiting_counts(session, actor)
    if waiting.to_approve and office.may(Action.APPROVE):
        yield Task(
            ngettext(
                "%(num)s permintaan menunggu persetujuan Anda",
                "%(num)s permintaan menunggu persetujuan Anda",
                waiting.to_approve,
            ),
            _("Yang tidak diputuskan pada waktunya gugur, dan pemohon harus memesan ulang."),
            url_for("agency.approvals"),
            "circle-check",
        )
    if waiting.to_pay_for_agency and office.may(Action.PAY):
        yield Task(
            ngettext(
                "%(num)s pesanan diterima dan belum dibayar",
                "%(num)s pesanan diterima dan belum dibayar",
                waiting.to_pay_for_agency,
            ),
            _("Penjual menunggu uangnya; realisasi dihitung setelah dibayar."),
            url_for("agency.payments"),
            "hand-coins",
        )
    if office.may(Action.MANAGE_ROSTER) and (idle := _not_activated(office)):
        yield Task(
            ngettext(
                "%(num)s pegawai belum mengaktifkan akun",
                "%(num)s pegawai belum mengaktifkan akun",
                idle,
            ),
            _("Kirim ulang kodenya ke surel mereka, atau minta slip cetak dari kota."),
            url_for("agency.roster", waiting="1"),
            "users",
        )
    yield from _year_end(office)
    no_budget = figures.ceiling_amount is None and figures.borrowed_from is None
    if no_budget and office.may(Action.PROPOSE_BUDGET):
        yield Task(
            _("Pagu %(year)s belum diisi", year=figures.fiscal_year),
            _("Tanpa pagu tidak ada batas belanja dan tidak ada persentase kuota."),
            url_for("agency.budget", year=figures.fiscal_year),
            "landmark",
        )


def _year_end(office: Office) -> Iterable[Task]:
    """From 1 December the orders that are still open; after it those that no budget bears yet."""
    if not office.may(Action.SEE_AGENCY_ORDERS):
        return
    session, actor = db.session(), current_actor()
    year = ending_year(session, today=today())
    if year is not None and (open_ := count_open(session, actor, office.code, year)):
        yield Task(
            ngettext(
                "%(num)s pesanan masih terbuka pada akhir tahun",
                "%(num)s pesanan masih terbuka pada akhir tahun",
                open_,
            ),
            _(
                "Sampai 31 Desember %(year)s penyetuju memilih: dibatalkan, atau dipindahkan ke"
                " anggaran %(next)s.",
                year=year,
                next=year + 1,
            ),
            url_for("agency.year_end"),
            "calendar-days",
        )
    if waiting := count_waiting(session, actor, office.code):
        yield Task(
            ngettext(
                "%(num)s pesanan perlu rincian anggaran",
                "%(num)s pesanan perlu rincian anggaran",
                waiting,
            ),
            _("Dipindahkan dari tahun lalu, dan belum dapat dibayar."),
            url_for("agency.year_end", _anchor="waiting"),
            "landmark",
        )


def _not_activated(office: Office) -> int:
    wanted = RosterFilter(agency_code=office.code, not_activated=True)
    return list_roster(db.session(), current_actor(), wanted, today=today()).total or 0
