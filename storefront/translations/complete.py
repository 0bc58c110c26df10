"""Whether every text has its translation: `python -m storefront.translations.complete`.

The msgids are the Indonesian texts themselves, so that language needs no catalogue. Exit 1 names
what is missing, no longer used, or asks for other values than its text gives.
"""

import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("en",)
KEYWORDS = ("N_", "_", "_l", "lazy_gettext", "ngettext:1,2")
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|%%")


def extracted() -> Catalog:
    """Every text of the code and the templates, as they are now."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "messages.pot"
        keywords = [argument for word in KEYWORDS for argument in ("-k", word)]
        command = ["pybabel", "-q", "extract", "-F", "babel.cfg", *keywords, "--no-location"]
        CommandLineInterface().run([*command, "-o", str(path), "."])  # type: ignore[no-untyped-call]
        with path.open("rb") as file:
            return read_po(file)


def faults(texts: Catalog, translated: Catalog) -> list[str]:
    """What is wrong with a catalogue, a line each."""
    found = []
    for text in texts:
        if not text.id:
            continue
        message = translated.get(text.id)
        if message is None or not all(_forms(message)):
            found.append(f"not translated: {_first(text)!r}")
        elif message.fuzzy:
            found.append(f"doubtful (fuzzy): {_first(text)!r}")
        elif not _asks_for_what_is_given(message):
            found.append(f"other values than its text: {_first(text)!r}")
    known = {_first(text) for text in texts}
    found += [
        f"no longer used: {_first(message)!r}"
        for message in translated
        if message.id and _first(message) not in known
    ]
    return found


def _forms(message: Message) -> tuple[str, ...]:
    string = message.string
    return tuple(string) if isinstance(string, (tuple, list)) else (str(string),)


def _first(message: Message) -> str:
    return message.id[0] if isinstance(message.id, (tuple, list)) else str(message.id)


def _asks_for_what_is_given(message: Message) -> bool:
    """A single text has the same values; of plural forms each has values of some form."""
    if not isinstance(message.id, (tuple, list)):
        return Counter(PLACEHOLDER.findall(str(message.id))) == Counter(
            PLACEHOLDER.findall(_forms(message)[0])
        )
    given = {value for form in message.id for value in PLACEHOLDER.findall(form)}
    return all(set(PLACEHOLDER.findall(form)) <= given for form in _forms(message))


def main() -> int:
    texts = extracted()
    wrong = 0
    for language in LANGUAGES:
        path = ROOT / "storefront" / "translations" / language / "LC_MESSAGES" / "messages.po"
        with path.open("rb") as file:
            found = faults(texts, read_po(file, locale=language))
        wrong += len(found)
        sys.stdout.writelines(f"{language}: {line}\n" for line in found)
    sys.stdout.write(f"{len(texts)} texts, {wrong} faults\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
