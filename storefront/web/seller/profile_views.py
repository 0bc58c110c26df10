"""What a shop says of itself, and what the city says of it."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.core.errors import DomainError, NotFound
from storefront.extensions import db, transaction
from storefront.sellers.models import Seller, SellerState
from storefront.sellers.profile import change_profile
from storefront.web.clock import now
from storefront.web.errors import UNPROCESSABLE, show_beside_field, status_of
from storefront.web.identity import current_actor
from storefront.web.messages import tell
from storefront.web.seller.forms import ProfileForm
from storefront.web.seller.room import SEE_OTHER, current_class, current_shop, seller


@seller.get("/profile")
def profile() -> ResponseReturnValue:
    return _page(ProfileForm.of(_shop()))


@seller.post("/profile")
def change() -> ResponseReturnValue:
    form = ProfileForm()
    if not form.validate():
        return _page(form), UNPROCESSABLE
    try:
        with transaction() as session:
            change_profile(session, current_actor(), current_shop().seller_id, form.wish, now=now())
    except NotFound:
        raise
    except DomainError as refusal:
        show_beside_field(form, refusal)
        return _page(form), status_of(refusal)
    if current_shop().state is SellerState.ACTIVE:
        href = url_for("shop.seller", slug=current_shop().slug)
        tell(_("Profil toko tersimpan."), href=href, link=_("Lihat toko"))
    else:
        tell(_("Profil toko tersimpan."))
    return redirect(url_for("seller.profile"), code=SEE_OTHER)


def _shop() -> Seller:
    return db.session().get_one(Seller, current_shop().seller_id)


def _page(form: ProfileForm) -> str:
    return render_template("seller/profile.html", form=form, shop=_shop(), verified=current_class())
