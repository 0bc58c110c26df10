"""Mails from templates, in the reader's language, without Flask.

A mail is a text template whose first line is its subject. Texts are msgids in Indonesian, as on
the pages; the catalogues are the same.
"""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from storefront.core.calendar import city_day, city_time

INDONESIAN = "id"


@dataclass(frozen=True)
class Rendered:
    """A mail, ready to leave."""

    subject: str
    body: str


class MailRenderer:
    """Renders `templates/mail/*.txt`. One per process; an environment per language."""

    def __init__(self, templates: Path, translations: Path, **everywhere: str) -> None:
        self._templates = templates
        self._translations = translations
        self._everywhere = everywhere
        self._environments: dict[str, Environment] = {}

    def render(self, template: str, language: str, **values: object) -> Rendered:
        """The mail of a template's name, in `id` or `en`.

        Raises jinja2's errors for a template that is missing or asks for a value not given.
        """
        environment = self._environments.setdefault(language, self._environment(language))
        text = environment.get_template(f"{template}.txt").render(**self._everywhere, **values)
        subject, _, body = text.strip().partition("\n")
        return Rendered(" ".join(subject.split()), body.strip() + "\n")

    def _environment(self, language: str) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(self._templates),
            extensions=["jinja2.ext.i18n"],
            undefined=StrictUndefined,
            autoescape=False,  # noqa: S701 - plain text, never shown as HTML
            trim_blocks=True,
            lstrip_blocks=True,
        )
        catalogue: NullTranslations = (
            NullTranslations()
            if language == INDONESIAN
            else Translations.load(str(self._translations), [language])
        )
        environment.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
        environment.filters.update(
            rupiah=lambda amount: f"Rp{format_decimal(amount, locale=INDONESIAN)}",
            day=lambda day: format_date(day, "EEEE, d MMMM y", locale=language),
            instant=lambda instant: _instant(instant, language),
        )
        return environment


def _instant(instant: datetime, language: str) -> str:
    day: date = city_day(instant)
    clock = format_time(city_time(instant), "HH.mm", locale=language)
    return f"{format_date(day, 'EEEE, d MMMM y', locale=language)}, {clock}"
