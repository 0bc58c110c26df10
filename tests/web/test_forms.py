"""Form rows: label, hint, what was typed, and the error beside the field."""

from collections.abc import Iterator

import pytest
from flask import render_template_string
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FieldList, FileField, Form, FormField, RadioField, StringField
from wtforms.validators import InputRequired, Length

from storefront.core.errors import N_, DomainError
from storefront.web.errors import show_beside_field
from storefront.web.fields import choice, error_links, kind
from tests.web.bare import bare_app

ALL = (
    '{% from "components/forms.html" import error_summary, form_row, radio_row, check_row, '
    "file_row %}"
)

pytestmark = pytest.mark.usefixtures("in_a_request")


class Line(Form):
    amount = StringField("Jumlah", [InputRequired("Isi jumlahnya.")])


class Asking(FlaskForm):
    purpose = StringField("Keperluan", [Length(min=5, message="Tulis keperluannya.")])
    fund = RadioField(
        "Dana", choices=[choice("a", "Instansi")], validators=[InputRequired("Pilih dana.")]
    )
    agreed = BooleanField("Setuju", [InputRequired("Centang dulu.")])
    paper = FileField("Berkas")
    lines = FieldList(FormField(Line), min_entries=2)


class CapReached(DomainError):
    code = "cap_reached"
    message = N_("Batas bulan ini tinggal %(left_amount)s.")
    field = "purpose"


@pytest.fixture
def in_a_request() -> Iterator[None]:
    app = bare_app(WTF_CSRF_ENABLED=False)
    with app.test_request_context("/"):
        yield


def sent(**values: str) -> Asking:
    form = Asking(formdata=MultiDict(values))
    form.validate()
    return form


def test_an_error_stands_beside_its_field_with_what_was_typed() -> None:
    shown = render_template_string(
        ALL + "{{ form_row(form.purpose, hint='Satu kalimat.') }}", form=sent(purpose='<b>"')
    )
    assert 'value="&lt;b&gt;&#34;"' in shown
    assert 'aria-invalid="true"' in shown
    assert 'aria-describedby="purpose-hint purpose-error"' in shown
    assert 'id="purpose-hint"' in shown
    assert '<p class="error" id="purpose-error">' in shown


def test_a_field_without_error_claims_none() -> None:
    shown = render_template_string(
        ALL + "{{ form_row(form.purpose, autocomplete='off', before='Rp') }}",
        form=Asking(formdata=None),
    )
    assert "aria-invalid" not in shown
    assert "aria-describedby" not in shown
    assert 'autocomplete="off"' in shown
    assert "<span>Rp</span>" in shown


def test_the_summary_links_to_each_control_also_to_nested_ones() -> None:
    form = sent(purpose="x")
    assert [link.id for link in error_links(form)] == [
        "purpose", "fund-0", "agreed", "lines-0-amount", "lines-1-amount",
    ]  # fmt: skip
    shown = render_template_string(ALL + "{{ error_summary(form) }}", form=form)
    assert "5 hal perlu diperbaiki" in shown
    assert '<a href="#fund-0">Pilih dana.</a>' in shown
    assert 'id="fund-0"' in render_template_string(ALL + "{{ radio_row(form.fund) }}", form=form)


def test_a_form_without_errors_has_no_summary() -> None:
    shown = render_template_string(ALL + "{{ error_summary(form) }}", form=Asking(formdata=None))
    assert "error-summary" not in shown


def test_each_kind_of_field_is_known() -> None:
    form = Asking(formdata=None)
    assert [kind(form[name]) for name in ("purpose", "fund", "agreed", "paper")] == [
        "text", "picks", "check", "file",
    ]  # fmt: skip


def test_a_refusal_with_an_amount_is_written_in_rupiah() -> None:
    form = sent(purpose="Konsumsi rapat", fund="a", agreed="y")
    show_beside_field(form, CapReached(left_amount=1_250_000))
    assert form.purpose.errors == ["Batas bulan ini tinggal Rp1.250.000."]


def test_a_refusal_about_no_field_of_the_form_is_raised_again() -> None:
    with pytest.raises(CapReached):
        show_beside_field(FlaskForm(formdata=None), CapReached(left_amount=1))
