"""The form of a product and its variants. What is possible, the verbs decide."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    MultipleFileField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import HiddenInput

from storefront.catalog.facets import CategoryNode
from storefront.catalog.models import ProductState, StockPolicy, VariantId
from storefront.catalog.own_products import OwnProduct, OwnVariant
from storefront.catalog.wishes import (
    LONGEST_NAME,
    MOST_VARIANTS,
    ProductWish,
    VariantRefused,
    VariantWish,
)
from storefront.core.text import clean
from storefront.web.errors import in_words
from storefront.web.fields import choice
from storefront.web.seller.fields import WholeNumberField

BIGGEST_ID = 2**63 - 1


class VariantForm(Form):
    """A row of the form. Of a counted variant the stock is asked, of one made to order its day."""

    variant_id = WholeNumberField(widget=HiddenInput())
    name = StringField(_("Nama varian"))
    price_amount = WholeNumberField(_("Harga"), missing=_("Isi harganya."))
    stock_policy = SelectField(
        _("Persediaan"),
        choices=[
            choice(StockPolicy.COUNTED.value, _("Stok dihitung")),
            choice(StockPolicy.ON_ORDER.value, _("Dibuat setelah dipesan")),
        ],
        default=StockPolicy.COUNTED.value,
        validate_choice=False,
    )
    stock = WholeNumberField(_("Stok"))
    seen_stock = WholeNumberField(widget=HiddenInput())
    daily_capacity = WholeNumberField(_("Paling banyak sehari"))
    lead_days = WholeNumberField(_("Hari kerja menyiapkan"), default=0)
    sku = StringField(_("Kode barang"))
    was_amount = WholeNumberField(_("Harga lama"))
    is_active = BooleanField(_("Dijual"), default=True)

    def validate_stock(self, field: WholeNumberField) -> None:
        """Nought must be said: an empty field may have been forgotten."""
        if field.data is None and self.is_counted and self.is_active.data:
            raise ValidationError(
                gettext("Isi stok %(name)s. Tulis 0 bila habis.", name=self.name.data or "")
                if self.name.data
                else gettext("Isi stoknya. Tulis 0 bila habis.")
            )

    @property
    def is_counted(self) -> bool:
        return str(self.stock_policy.data) != StockPolicy.ON_ORDER.value

    @property
    def is_new(self) -> bool:
        return self.variant_id.data is None

    @property
    def wish(self) -> VariantWish:
        """What was sent, of a form that was validated."""
        known = self.variant_id.data
        return VariantWish(
            variant_id=None if known is None else VariantId(min(known, BIGGEST_ID)),
            name=self.name.data or "",
            sku=self.sku.data or "",
            price_amount=self.price_amount.data or 0,
            was_amount=self.was_amount.data,
            stock_policy=StockPolicy.COUNTED if self.is_counted else StockPolicy.ON_ORDER,
            stock=self.stock.data if self.is_counted else None,
            seen_stock=self.seen_stock.data,
            lead_days=self.lead_days.data or 0,
            daily_capacity=None if self.is_counted else self.daily_capacity.data,
            is_active=bool(self.is_active.data),
        )


class ProductForm(FlaskForm):
    """Its fields stand in the order of the page, and so do its errors."""

    picture = MultipleFileField(_("Gambar"))
    name = StringField(
        _("Nama barang"),
        validators=[
            InputRequired(_("Isi nama barang, paling banyak %(most)s huruf.", most=LONGEST_NAME))
        ],
    )
    category_slug = SelectField(
        _("Kategori"),
        validators=[InputRequired(_("Pilih kategori barang dari daftar."))],
        validate_choice=False,
    )
    description = TextAreaField(
        _("Cerita barang"), filters=[lambda typed: clean(typed) if typed else ""]
    )
    unit = StringField(
        _("Satuan"), validators=[InputRequired(_("Isi satuannya, misalnya bungkus atau kotak."))]
    )
    is_halal = BooleanField(_("Bersertifikat halal"))
    is_live = BooleanField(_("Tampil di toko"), default=True)
    seen_state = HiddenField(default=ProductState.LIVE.value)
    variants = FieldList(FormField(VariantForm), max_entries=MOST_VARIANTS + 1)

    def offer_categories(self, tree: Sequence[CategoryNode]) -> None:
        """All categories, each with the names of those it lies in."""
        named = [choice("", gettext("Pilih kategori")), *_choices(tree)]
        self.category_slug.choices = named

    def add_row(self) -> None:
        """One more variant, if there may be one."""
        if len(self.variants.entries) < MOST_VARIANTS:
            self.variants.append_entry()

    def drop_row(self, name: str) -> None:
        """Forget a new variant; one that was saved before stays, and can be turned off."""
        self.variants.entries = [
            entry for entry in self.variants.entries if entry.name != name or not entry.form.is_new
        ]

    def put_beside(self, refusal: VariantRefused) -> None:
        """Put what was said of a variant beside the input of its own row."""
        entry = self.rows[refusal.row]
        field = entry[refusal.input]
        field.errors = [*field.errors, in_words(refusal)]

    @property
    def rows(self) -> list[VariantForm]:
        return [entry.form for entry in self.variants.entries]

    @property
    def wish(self) -> ProductWish:
        """What was sent, of a form that was validated."""
        return ProductWish(
            name=self.name.data or "",
            category_slug=self.category_slug.data or "",
            description=self.description.data or "",
            unit=self.unit.data or "",
            is_halal=bool(self.is_halal.data),
            variants=tuple(row.wish for row in self.rows),
        )

    @classmethod
    def empty(cls) -> "ProductForm":
        """For a new product: one variant, without a name."""
        form = cls(formdata=None)
        form.add_row()
        return form

    @classmethod
    def of(cls, product: OwnProduct) -> "ProductForm":
        """As the product is now."""
        return cls(
            formdata=None,
            data={
                "name": product.name,
                "category_slug": product.category_slug,
                "description": product.description,
                "unit": product.unit,
                "is_halal": product.is_halal,
                "is_live": product.state is ProductState.LIVE,
                "seen_state": product.state.value,
                "variants": [_row_of(variant) for variant in product.variants],
            },
        )


def _row_of(variant: OwnVariant) -> dict[str, Any]:
    return {
        "variant_id": variant.variant_id,
        "name": variant.name,
        "price_amount": variant.price_amount,
        "stock_policy": variant.stock_policy.value,
        "stock": variant.stock,
        "seen_stock": variant.stock,
        "daily_capacity": variant.daily_capacity,
        "lead_days": variant.lead_days,
        "sku": variant.sku,
        "was_amount": variant.was_amount,
        "is_active": variant.is_active,
    }


def _choices(nodes: Iterable[CategoryNode], above: str = "") -> Iterator[Any]:
    for node in nodes:
        name = f"{above} / {node.name}" if above else node.name
        yield choice(node.slug, name)
        yield from _choices(node.children, name)
