"""Mails and papers from templates, without Flask.

A mail is a text template whose first line is its subject, in the reader's language. Texts are
msgids in Indonesian, as on the pages; the catalogues are the same. A paper is a Typst template and
the data it shows; papers are in Indonesian, as the city's are.
"""

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import typst
from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from storefront.core.calendar import city_day, city_time, end_in_words
from storefront.core.text import AND, listed

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
            permille=_permille,
            kinds=lambda ids: _kinds(ids, catalogue),
            month=lambda month: format_date(
                date.fromisoformat(f"{month}-01"), "MMMM y", locale=language
            ),
            day=lambda day: format_date(day, "EEEE, d MMMM y", locale=language),
            instant=lambda instant: _instant(instant, language),
            deadline=lambda end: _deadline(end, language),
        )
        return environment


def _permille(share: int) -> str:
    """Thousandths as per cent with one decimal: `30,7%`."""
    return f"{format_decimal(share / 10, format='0.0', locale=INDONESIAN)}%"


def _kinds(ids: Sequence[str], catalogue: NullTranslations) -> str:
    """Message ids of kinds, in a sentence of the reader's language: `usaha mikro dan koperasi`."""
    return listed([catalogue.gettext(each).lower() for each in ids], catalogue.gettext(AND))


class PaperRenderer:
    """Renders `templates/documents/*.typ` as PDF/A-3b. One per process.

    A template reads nothing outside its folder, has no network, and takes its data as JSON text
    that it only ever shows. The same data and instant give the same bytes.
    """

    def __init__(self, templates: Path) -> None:
        self._templates = templates
        self._fonts = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=[str(templates / "fonts")],
        )
        self._compilers: dict[str, typst.Compiler] = {}
        self._one_at_a_time = threading.Lock()  # a compiler keeps the inputs of its last paper

    def render(self, template: str, data: Mapping[str, object], *, at: datetime) -> bytes:
        """The PDF, with its data attached as `data.json` so that a machine reads what it shows.

        Raises `typst.TypstError` for a template that is missing or asks for what is not given.
        """
        text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        with self._one_at_a_time:
            if template not in self._compilers:
                self._compilers[template] = typst.Compiler(
                    str(self._templates / f"{template}.typ"),
                    root=str(self._templates),
                    font_paths=self._fonts,
                )
            made = self._compilers[template].compile(
                format="pdf", sys_inputs={"data": text}, pdf_standards="a-3b", timestamp=at
            )
        if not isinstance(made, bytes):
            raise TypeError("a paper is one file")
        return made


def _deadline(end: datetime, language: str) -> str:
    day, at = end_in_words(end)
    if at is not None:
        return _instant(end, language)
    return f"{format_date(day, 'EEEE, d MMMM y', locale=language)}, 24.00"


def _instant(instant: datetime, language: str) -> str:
    day: date = city_day(instant)
    clock = format_time(city_time(instant), "HH.mm", locale=language)
    return f"{format_date(day, 'EEEE, d MMMM y', locale=language)}, {clock}"
