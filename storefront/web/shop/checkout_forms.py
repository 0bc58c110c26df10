"""The form of checkout. Its names are the contract's: with `_<seller id>` for one order.

It checks shape. Which choices there are, and what they come to, the quote says.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, Field, RadioField, SelectField, TextAreaField
from wtforms.validators import Length, Optional, ValidationError
from wtforms.widgets import HiddenInput

from storefront.agencies.models import PlacementId
from storefront.core.text import clean
from storefront.orders.checkout_request import CheckoutRequest, Wishes
from storefront.orders.funding import MOST_REASON
from storefront.orders.models import Delivery
from storefront.orders.quote import Quote
from storefront.quota.models import Fund
from storefront.sellers.models import SellerId
from storefront.web.fields import choice
from storefront.web.shop.cart_forms import BIGGEST_ID, WholeNumberField

FOR_ONE = re.compile(r"(?:expense_account|delivery|outlet_code|deliver_on|note)_([0-9]{1,18})")
MOST_SELLERS = 100
MOST_FORMS = 1_000
WAYS = [
    choice(Delivery.OFFICE.value, _("Kantor saya")),
    choice(Delivery.HOME.value, _("Alamat lain")),
    choice(Delivery.PICKUP.value, _("Ambil di outlet")),
]
AS_THE_OTHERS = choice("", _("Sama dengan yang lain"))


class DayField(DateField):
    """A day as a browser sends it, YYYY-MM-DD."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([value for value in valuelist if value.strip()])
        except ValueError:
            raise ValueError(gettext("Tulis tanggal seperti 2026-11-26.")) from None


def _text(label: str, most: int) -> TextAreaField:
    message = _("Paling panjang %(max)d huruf.")
    return TextAreaField(
        label,
        filters=[lambda typed: clean(typed) if typed else ""],
        validators=[Length(max=most, message=message)],
    )


def _whole_number(**options: Any) -> WholeNumberField:
    return WholeNumberField(widget=HiddenInput(), validators=[Optional()], **options)


class CheckoutForm(FlaskForm):
    """What holds for all orders. `form_for` adds what may differ from order to order."""

    fund = RadioField(
        _("Sumber dana"),
        choices=[
            choice(Fund.OFFICIAL.value, _("Dana instansi (APBD)")),
            choice(Fund.PERSONAL.value, _("Uang sendiri")),
        ],
        validate_choice=False,
    )
    placement_id = SelectField(_("Belanja untuk"), validate_choice=False, choices=[])
    purpose = _text(_("Keperluan"), 300)
    exception_reason = _text(_("Alasan melewati pagu"), MOST_REASON)
    activity_code = SelectField(_("Kegiatan"), validate_choice=False, choices=[])
    expense_account = SelectField(_("Rekening belanja"), validate_choice=False, choices=[])
    delivery = RadioField(_("Dikirim ke"), choices=WAYS, validate_choice=False)
    address = _text(_("Alamat tujuan"), 400)
    outlet_code = SelectField(_("Outlet"), validate_choice=False, choices=[])
    deliver_on = DayField(_("Hari kirim"), validators=[Optional()])
    note = _text(_("Pesan untuk penjual"), 500)
    expected_total = _whole_number()
    revision = _whole_number()

    def validate_fund(self, field: Field) -> None:
        if field.data not in set(Fund):
            raise ValidationError(gettext("Pilih sumber dana."))

    def validate_delivery(self, field: Field) -> None:
        if field.data and field.data not in set(Delivery):
            raise ValidationError(gettext("Pilih cara pengiriman."))

    def validate_placement_id(self, field: Field) -> None:
        if field.data and not re.fullmatch(r"[0-9]{1,18}", field.data):
            raise ValidationError(gettext("Pilih salah satu penempatan Anda."))


def form_for(seller_ids: Iterable[SellerId], **arguments: Any) -> CheckoutForm:
    """The form with the fields of each of these sellers' orders."""
    return _form_of(tuple(sorted(seller_ids)))(**arguments)


@lru_cache(MOST_FORMS)
def _form_of(seller_ids: tuple[SellerId, ...]) -> type[CheckoutForm]:
    fields: dict[str, Any] = {}
    for seller_id in seller_ids:
        fields |= {
            f"expense_account_{seller_id}": SelectField(validate_choice=False, choices=[]),
            f"delivery_{seller_id}": SelectField(
                _("Dikirim ke"),
                validate_choice=False,
                choices=[AS_THE_OTHERS, *WAYS],
            ),
            f"outlet_code_{seller_id}": SelectField(_("Outlet"), validate_choice=False, choices=[]),
            f"deliver_on_{seller_id}": DayField(_("Hari kirim"), validators=[Optional()]),
            f"note_{seller_id}": _text(_("Pesan untuk penjual"), 500),
        }
    form: type[CheckoutForm] = type("CheckoutFormOfOrders", (CheckoutForm,), fields)
    return form


def sellers_named(sent: Mapping[str, str]) -> set[SellerId]:
    """The sellers that a sent form has fields of, bounded."""
    matches = (FOR_ONE.fullmatch(name) for name in list(sent)[: 10 * MOST_SELLERS])
    return {SellerId(int(match[1])) for match in matches if match}


def request_of(
    form: CheckoutForm, seller_ids: Iterable[SellerId], item_ids: Iterable[int]
) -> CheckoutRequest:
    """What the form asks for. Of a field that is wrong it says nothing."""
    placement_id = _good(form.placement_id)
    fund = _good(form.fund)
    return CheckoutRequest(
        fund=Fund(fund) if fund else Fund.OFFICIAL,
        item_ids=tuple(item_ids),
        revision=_good(form.revision),
        placement_id=PlacementId(int(placement_id)) if placement_id else None,
        purpose=_good(form.purpose) or "",
        exception_reason=_good(form.exception_reason) or "",
        activity_code=(_good(form.activity_code) or "")[:40],
        address=_good(form.address) or "",
        expected_total=_good(form.expected_total),
        for_all=_wishes(form, ""),
        by_seller={seller_id: _wishes(form, f"_{seller_id}") for seller_id in seller_ids},
    )


def fill(form: CheckoutForm, quote: Quote) -> None:
    """Let the form say what the quote says, where nothing was typed."""
    wanted = quote.wanted
    form.fund.data = wanted.fund.value
    form.placement_id.data = str(quote.placement.placement_id)
    form.purpose.data = wanted.purpose
    form.exception_reason.data = wanted.exception_reason
    form.delivery.data = (wanted.for_all.delivery or Delivery.OFFICE).value
    form.address.data = wanted.address
    form.outlet_code.data = wanted.for_all.outlet_code
    form.note.data = wanted.for_all.note
    fill_choices(form, quote)
    for order in quote.orders:
        field_of(form, "deliver_on", order.seller.id, quote).data = order.deliver_on


def fill_choices(form: CheckoutForm, quote: Quote) -> None:
    """Let activity and accounts be ones that the quote knows: what was sent, or what is usual."""
    form.activity_code.data = quote.wanted.activity_code
    for order in quote.orders:
        account = quote.wanted.wishes_for(order.seller.id).expense_account
        field_of(form, "expense_account", order.seller.id, quote).data = account


def offer_choices(form: CheckoutForm, quote: Quote) -> None:
    """The choices of the page, by the quote, and what it names: total and state of the cart."""
    lines = quote.funds.lines
    form.placement_id.choices = [
        choice(str(p.placement_id), f"{p.agency_name} · {p.position}") for p in quote.placements
    ]
    activities = {line.activity_code: line.activity_name for line in lines}
    form.activity_code.choices = [
        choice(code, f"{code} · {name}") for code, name in activities.items()
    ]
    accounts = [
        choice(line.expense_account, f"{line.expense_account} · {line.expense_account_name}")
        for line in lines
        if line.activity_code == quote.wanted.activity_code
    ]
    outlets = [choice(outlet.code, outlet.name) for outlet in quote.outlets]
    form.expense_account.choices = accounts
    form.outlet_code.choices = outlets
    for order in quote.orders:
        seller_id = order.seller.id
        form[f"expense_account_{seller_id}"].choices = accounts
        form[f"outlet_code_{seller_id}"].choices = [AS_THE_OTHERS, *outlets]
        label = gettext("Rekening untuk %(seller)s", seller=order.seller.name)
        form[f"expense_account_{seller_id}"].label.text = label
        label = gettext("Hari kirim %(seller)s", seller=order.seller.name)
        form[f"deliver_on_{seller_id}"].label.text = label
    form.expected_total.process_data(quote.total_amount)
    form.expected_total.raw_data = None
    form.revision.process_data(quote.wanted.revision)
    form.revision.raw_data = None


def field_of(form: CheckoutForm, name: str, seller_id: SellerId, quote: Quote) -> Field:
    """The field on the page for an order: the plain one where there is one order alone."""
    field: Field = form[name if len(quote.orders) == 1 else f"{name}_{seller_id}"]
    return field


def _wishes(form: CheckoutForm, suffix: str) -> Wishes:
    def said(name: str) -> str | None:
        return _good(form[f"{name}{suffix}"]) or None

    by = said("delivery")
    day = _good(form[f"deliver_on{suffix}"])
    account = said("expense_account")
    outlet = said("outlet_code")
    return Wishes(
        expense_account=account[:30] if account else None,
        delivery=Delivery(by) if by in set(Delivery) else None,
        outlet_code=outlet[:20] if outlet else None,
        deliver_on=day if isinstance(day, date) else None,
        note=said("note"),
    )


def _good(field: Field) -> Any:
    return None if field.errors else field.data


def chosen_items(sent: Iterable[str]) -> tuple[int, ...]:
    """The cart items that an address names; what is no id of ours names nothing."""
    numbers = (int(item) for item in sent if re.fullmatch(r"[0-9]{1,19}", item))
    return tuple(dict.fromkeys(number for number in numbers if 0 < number <= BIGGEST_ID))[:1_000]
