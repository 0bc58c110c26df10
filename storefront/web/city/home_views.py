"""The city's front page, and what waits for a second person."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from storefront.access.queries import Pending, pending_for
from storefront.accounts import grants as city_grants
from storefront.agencies import grants, revisions
from storefront.agencies.queries import find_revision, lines_of_revision
from storefront.core.calendar import fiscal_year
from storefront.core.errors import NotFound
from storefront.extensions import db, transaction
from storefront.orders.year_end import ending_year
from storefront.payments.queries import refunds_on_hold
from storefront.reports.check_history import last_run
from storefront.reports.city import AgencyState
from storefront.reports.year_end import count_standing
from storefront.sellers.models import SellerState
from storefront.sellers.queries import count_sellers
from storefront.web.city.office import city, close_waits_for_you
from storefront.web.city_desk import read_city, shares_of
from storefront.web.clock import now, today
from storefront.web.identity import current_actor
from storefront.web.messages import tell

SEE_OTHER = 303
Verb = TypeVar("Verb", bound=Callable[..., object])


@dataclass(frozen=True)
class Task:
    """Something that waits for the city."""

    title: str
    about: str
    href: str
    icon: str


@city.get("/")
def home() -> ResponseReturnValue:
    """What waits, and where the city stands."""
    year = fiscal_year(today())
    figures = read_city(year)
    return render_template(
        "city/home.html",
        tasks=list(_tasks()),
        figures=figures,
        shares=shares_of(figures),
        silent=[row for row in figures.rows if row.state is AgencyState.SILENT],
        year=year,
    )


@city.get("/confirmations")
def confirmations() -> ResponseReturnValue:
    """Roles and budgets that somebody else proposed."""
    return render_template(
        "city/confirmations.html", pending=pending_for(db.session(), current_actor())
    )


@city.get("/revisions/<int:revision_id>")
def revision(revision_id: int) -> ResponseReturnValue:
    """What a budget revision says, line by line, before one confirms it."""
    session, actor = db.session(), current_actor()
    return render_template(
        "city/revision.html",
        revision=find_revision(session, actor, revision_id),
        lines=lines_of_revision(session, actor, revision_id),
    )


@city.post("/roles/<int:role_id>")
def decide_role(role_id: int) -> ResponseReturnValue:
    return _decide({"confirm": grants.confirm_role, "refuse": grants.refuse_role}, role_id)


@city.post("/revisions/<int:revision_id>")
def decide_revision(revision_id: int) -> ResponseReturnValue:
    verbs = {"confirm": revisions.confirm_revision, "refuse": revisions.refuse_revision}
    return _decide(verbs, revision_id)


@city.post("/city-roles/<int:role_id>")
def decide_city_role(role_id: int) -> ResponseReturnValue:
    verbs = {"confirm": city_grants.confirm_city_role, "refuse": city_grants.refuse_city_role}
    return _decide(verbs, role_id)


def _decide(verbs: Mapping[str, Verb], thing: int) -> ResponseReturnValue:
    """Be the second person (`decision` = `confirm`), or refuse (`refuse`)."""
    decision = request.form.get("decision", "")
    if decision not in verbs:
        raise NotFound
    with transaction() as session:
        verbs[decision](session, current_actor(), thing, now=now())
    tell(_("Dikonfirmasi; mulai berlaku.") if decision == "confirm" else _("Usulan ditolak."))
    return redirect(url_for("city.confirmations"), code=SEE_OTHER)


def _tasks() -> list[Task]:
    session = db.session()
    pending: Pending = pending_for(session, current_actor())
    waiting = pending.count
    applied = count_sellers(session)[SellerState.APPLIED]
    held = len(refunds_on_hold(session))
    tasks = []
    run = last_run(session, current_actor())
    if run is not None and not run.holds:
        tasks.append(
            Task(
                ngettext(
                    "Satu hal di buku tidak cocok",
                    "%(num)s hal di buku tidak cocok",
                    run.breach_count,
                ),
                _("Pemeriksaan terakhir menemukannya. Jangan perbaiki langsung di basis data."),
                url_for("city.reconciliation"),
                "triangle-alert",
            )
        )
    if applied:
        tasks.append(
            Task(
                ngettext("%(num)s pendaftaran penjual", "%(num)s pendaftaran penjual", applied),
                _("Sebelum diverifikasi, tokonya tidak tampil dan tidak dihitung."),
                url_for("city.sellers", state="applied"),
                "store",
            )
        )
    if waiting:
        tasks.append(
            Task(
                ngettext("%(num)s usulan menunggu", "%(num)s usulan menunggu", waiting),
                _("Peran, pagu dan aturan berlaku setelah orang kedua mengonfirmasi."),
                url_for("city.confirmations"),
                "circle-check",
            )
        )
    if close_waits_for_you():
        tasks.append(
            Task(
                _("Bulan menunggu ditutup"),
                _("Admin kota lain mengusulkannya; Anda dapat menjadi orang kedua."),
                url_for("city.closes"),
                "lock",
            )
        )
    year = ending_year(session, today=today())
    if year is not None and (standing := count_standing(session, year)):
        tasks.append(
            Task(
                ngettext(
                    "%(num)s instansi masih punya komitmen tahun anggaran %(year)s",
                    "%(num)s instansi masih punya komitmen tahun anggaran %(year)s",
                    standing,
                    year=year,
                ),
                _("Desember baru dapat ditutup setelah semuanya dibatalkan, dibayar, atau pindah."),
                url_for("city.year_end"),
                "calendar-days",
            )
        )
    if held:
        tasks.append(
            Task(
                ngettext("%(num)s dana tertahan", "%(num)s dana tertahan", held),
                _("Dikembalikan di layanan pembayaran; tentukan pesanan siapa."),
                url_for("city.refunds"),
                "wallet",
            )
        )
    return tasks
