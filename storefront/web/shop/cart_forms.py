"""Forms of the cart. They check shape; what is possible, the verb decides."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import HiddenInput, NumberInput

from storefront.orders.cart import MOST_PIECES

BIGGEST_ID = 2**63 - 1
MOST_DIGITS = 19
"""A longer number is too large wherever one is asked for: it is read as the largest of these."""


class WholeNumberField(IntegerField):
    """A whole number in the digits 0 to 9; what Python also reads (1_000, ١٢) is none here."""

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        digits = typed.removeprefix("-")
        if typed and not (digits.isascii() and digits.isdigit()):
            self.data = None
            raise ValueError(gettext("Tulis jumlah dengan angka bulat."))
        if len(digits) > MOST_DIGITS:  # WTForms' own bounds would overflow, not refuse
            typed = typed[: len(typed) - len(digits)] + "9" * MOST_DIGITS
        super().process_formdata([typed] if valuelist else [])


def _quantity(least: int) -> WholeNumberField:
    return WholeNumberField(
        _("Jumlah"),
        default=1,
        widget=NumberInput(min=least, max=MOST_PIECES),
        validators=[
            InputRequired(_("Isi jumlahnya.")),
            NumberRange(least, MOST_PIECES, _("Jumlah harus antara %(min)s dan %(max)s.")),
        ],
    )


class AddForm(FlaskForm):
    variant_id = WholeNumberField(
        widget=HiddenInput(),
        validators=[
            InputRequired(_("Pilih barangnya sekali lagi.")),
            NumberRange(1, BIGGEST_ID, _("Pilih barangnya sekali lagi.")),
        ],
    )
    quantity = _quantity(1)


class QuantityForm(FlaskForm):
    """Nought takes the item out."""

    quantity = _quantity(0)
