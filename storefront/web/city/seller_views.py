"""Shops: who applied, what the city has verified of them, and who is closed for the time being."""

from collections.abc import Callable
from datetime import timedelta

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from storefront.access.shopkeepers import reinstate_shop, suspend_shop, verify_shop
from storefront.access.views import begin_look, current_look
from storefront.core.errors import DomainError, NotFound
from storefront.core.paging import page_number
from storefront.extensions import db, transaction
from storefront.sellers import verification
from storefront.sellers.models import SellerClass, SellerId, SellerState
from storefront.sellers.queries import SellerFilter, count_sellers, find_seller, list_sellers
from storefront.web.city.forms import LookForm, ReasonForm, RevokeForm, VerifyForm
from storefront.web.city.office import city
from storefront.web.city.words import SELLER_STATES
from storefront.web.clock import now, today
from storefront.web.errors import UNPROCESSABLE, show_beside_field
from storefront.web.identity import current_actor
from storefront.web.messages import tell
from storefront.web.watched import because

SEE_OTHER = 303
USUAL_PERIOD = timedelta(days=3 * 365)


@city.get("/sellers")
def sellers() -> ResponseReturnValue:
    """Who waits comes first."""
    wanted = SellerFilter(
        q=request.args.get("q", "").strip()[:60],
        state=request.args.get("state", None, type=SellerState),
        seller_class=request.args.get("class", None, type=SellerClass),
        page=page_number(request.args.get("page", type=int)),
    )
    return render_template(
        "city/sellers.html",
        page=list_sellers(db.session(), wanted, today=today()),
        counts=count_sellers(db.session()),
        wanted=wanted,
        states=SELLER_STATES,
        classes=tuple(SellerClass),
    )


@city.get("/sellers/<int:seller_id>")
def seller(seller_id: int) -> ResponseReturnValue:
    return _page(SellerId(seller_id))


@city.post("/sellers/<int:seller_id>/look")
def look_at_seller(seller_id: int) -> ResponseReturnValue:
    """Say why one needs the private data; they are shown for half an hour, and the auditor sees."""
    form, shop = LookForm(), SellerId(seller_id)
    find_seller(db.session(), shop, today=today())

    def act(session: Session) -> None:
        reason = form.look_reason.data or ""
        begin_look(session, current_actor(), _subject(shop), reason, now=now())

    return _do(form, shop, act, _("Data pribadinya tampil selama 30 menit. Alasan Anda dicatat."))


@city.post("/sellers/<int:seller_id>/verify")
def verify_seller(seller_id: int) -> ResponseReturnValue:
    """The city's word on the class; the first one opens the shop to its owner."""
    form, shop = VerifyForm(), SellerId(seller_id)

    def act(session: Session) -> None:
        valid_from, valid_to = form.period
        verify_shop(
            session,
            current_actor(),
            shop,
            seller_class=form.chosen_class,
            evidence=form.evidence.data or "",
            valid_from=valid_from,
            valid_to=valid_to,
            now=now(),
        )

    return _do(form, shop, act, _("Kelas usaha tercatat. Pemilik toko diberi tahu lewat surel."))


@city.post("/sellers/<int:seller_id>/refuse")
def refuse_seller(seller_id: int) -> ResponseReturnValue:
    form, shop = ReasonForm(), SellerId(seller_id)

    def act(session: Session) -> None:
        verification.refuse(
            session, current_actor(), shop, reason=form.reason.data or "", now=now()
        )

    return _do(form, shop, act, _("Pendaftaran ditolak; alasannya dikirim ke pendaftar."))


@city.post("/sellers/<int:seller_id>/suspend")
def suspend_seller(seller_id: int) -> ResponseReturnValue:
    form, shop = ReasonForm(), SellerId(seller_id)

    def act(session: Session) -> None:
        suspend_shop(session, current_actor(), shop, reason=form.reason.data or "", now=now())

    return _do(form, shop, act, _("Toko dihentikan sementara; barangnya tidak tampil lagi."))


@city.post("/sellers/<int:seller_id>/reinstate")
def reinstate_seller(seller_id: int) -> ResponseReturnValue:
    shop = SellerId(seller_id)

    def act(session: Session) -> None:
        reinstate_shop(session, current_actor(), shop, now=now())

    return _do(FlaskForm(), shop, act, _("Toko dibuka lagi; barangnya tampil lagi."))


@city.post("/sellers/<int:seller_id>/verifications/<int:verification_id>/revoke")
def revoke_class(seller_id: int, verification_id: int) -> ResponseReturnValue:
    """Take a word on the class back, from a day on that may lie behind."""
    form, shop = RevokeForm(), SellerId(seller_id)
    file = find_seller(db.session(), shop, today=today())
    known = {each.id for each in file.verifications}
    if verification_id not in known:
        raise NotFound

    def act(session: Session) -> None:
        verification.revoke(
            session,
            current_actor(),
            verification_id,
            reason=form.revoke_reason.data or "",
            since=form.since.data,
            now=now(),
        )

    done = _("Kelas dicabut. Pesanan dinas yang tersentuh muncul di Koreksi sebentar lagi.")
    return _do(form, shop, act, done)


def _do(
    form: FlaskForm, seller_id: SellerId, act: Callable[[Session], None], done: str
) -> ResponseReturnValue:
    """One act on a shop's file; a refusal stands beside the field, with all that was typed."""
    if not form.validate():
        return _page(seller_id, form), UNPROCESSABLE
    try:
        with transaction() as session:
            act(session)
    except DomainError as refusal:
        show_beside_field(form, refusal)
        return _page(seller_id, form), UNPROCESSABLE
    tell(done)
    return redirect(url_for("city.seller", seller_id=seller_id), code=SEE_OTHER)


def _page(seller_id: SellerId, sent: FlaskForm | None = None) -> str:
    file = find_seller(db.session(), seller_id, today=today())
    if isinstance(sent, VerifyForm):
        verify_form = sent
    else:
        verify_form = VerifyForm(
            formdata=None,
            seller_class=file.seller.claimed_class.value,
            evidence=f"NIB {file.seller.nib}",
            valid_from=today(),
            valid_to=today() + USUAL_PERIOD,
        )
    look = current_look(db.session(), current_actor(), _subject(seller_id), now=now())
    if look is not None:
        because(look.reason)
    return render_template(
        "city/seller.html",
        look=look,
        look_form=sent if isinstance(sent, LookForm) else LookForm(formdata=None),
        file=file,
        shop=file.seller,
        state=SELLER_STATES[file.seller.state],
        verify_form=verify_form,
        revoke_form=sent
        if isinstance(sent, RevokeForm)
        else RevokeForm(formdata=None, since=today()),
        reason_form=sent if isinstance(sent, ReasonForm) else ReasonForm(formdata=None),
    )


def _subject(seller_id: SellerId) -> str:
    """A shop, as the log of views calls it."""
    return f"seller {seller_id}"
