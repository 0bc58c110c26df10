"""What the form macros ask of a WTForms field: which control it is, and what is wrong with it."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from wtforms import Field, FieldList, FormField, RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.form import BaseForm
from wtforms.widgets import CheckboxInput, FileInput, HiddenInput, Input, Select, TextArea


class ErrorLink(NamedTuple):
    """A message, and the id of the control that it is about."""

    id: str
    message: str


def choice(value: str, label: str) -> Any:
    """One choice of a select or of radio buttons; WTForms gives up the tuples its stubs know."""
    return SelectChoice(value, label)


def kind(field: Field) -> str:
    """Which macro shows it: `text`, `textarea`, `select`, `picks`, `check`, `file` or `hidden`."""
    if isinstance(field, RadioField):
        return "picks"
    kinds: Mapping[type, str] = {
        TextArea: "textarea",
        Select: "select",
        CheckboxInput: "check",
        FileInput: "file",
        HiddenInput: "hidden",
        Input: "text",
    }
    return next(
        (name for widget, name in kinds.items() if isinstance(field.widget, widget)), "text"
    )


def error_links(form: BaseForm) -> list[ErrorLink]:
    """The form's errors in the order of its fields, one for each at fault, also nested ones."""
    links = [link for field in form for link in _links_of(field)]
    return links + [ErrorLink("", str(message)) for message in getattr(form, "form_errors", ())]


def _links_of(field: Field) -> Iterator[ErrorLink]:
    if isinstance(field, FormField):
        yield from error_links(field.form)
    elif isinstance(field, FieldList) and any(entry.errors for entry in field.entries):
        for entry in field.entries:
            yield from _links_of(entry)
    elif field.errors:
        yield ErrorLink(_target(field), str(field.errors[0]))


def _target(field: Field) -> str:
    """The control to go to: of radio buttons the first, since their group takes no focus."""
    return f"{field.id}-0" if isinstance(field, RadioField) else str(field.id)
