"""What a rule says, in words: for every audience that reads one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Flask
from flask_babel import gettext as _

from storefront.core.errors import N_
from storefront.core.text import AND, listed
from storefront.quota.rule_models import RuleBase
from storefront.quota.rules import RuleTerms, changed_terms
from storefront.reports.city import CityQuota
from storefront.reports.figures import Share
from storefront.sellers.words import class_ids
from storefront.web import words
from storefront.web.components import percent, rupiah
from storefront.web.words import class_word

BASES: Mapping[RuleBase, tuple[str, str]] = {
    RuleBase.BUDGET: (
        N_("Pagu barang dan jasa"),
        N_("Seperti Inpres 2/2022. Instansi tanpa pagu tidak memiliki persentase."),
    ),
    RuleBase.REALISED: (
        N_("Realisasi semua kelas"),
        N_("Bagian dari yang sungguh dibelanjakan lewat toko ini; pagu tidak diperlukan."),
    ),
}
"""Each base with what it means."""


@dataclass(frozen=True)
class Term:
    """One thing that a rule says; `before`: what the version before it said, where it differs."""

    name: str
    says: str
    before: str | None = None


def target_words(terms: RuleTerms) -> str:
    """`40%`."""
    return str(percent(terms.target_permille / 10, 0 if terms.target_permille % 10 == 0 else 1))


def classes_words(terms: RuleTerms) -> str:
    return ", ".join(class_word(each) for each in sorted(terms.seller_classes))


def base_word(base: RuleBase) -> str:
    return str(_(BASES[base][0]))


def share_words(share: Share, rule: RuleTerms | None) -> dict[str, object]:
    """What `figures.html: quota` says of a share besides its numbers."""
    is_budget = share.base is RuleBase.BUDGET
    return {
        "base_word": None if is_budget else _("Realisasi semua kelas"),
        "exempt": share.is_exempt,
        "nothing": None
        if is_budget
        else _("Belum ada realisasi, jadi persentasenya belum dapat dihitung."),
        "to": who_counts(rule) if rule else None,
    }


def who_counts(rule: RuleTerms) -> str:
    """`usaha mikro dan koperasi`."""
    kinds = [str(_(each)).lower() for each in class_ids(rule.seller_classes)]
    return listed(kinds, str(_(AND))) if kinds else str(_("tidak satu kelas pun"))


def share_head(base: RuleBase) -> str:
    """Over a column of shares: of what they are."""
    return str(_("Dari pagu") if base is RuleBase.BUDGET else _("Dari realisasi"))


def city_headline(figures: CityQuota) -> str:
    """How much of the city's money reached those who count, in one line."""
    is_budget = figures.base is RuleBase.BUDGET
    if figures.permille is None:
        return str(_("Belum ada pagu yang diisi") if is_budget else _("Belum ada realisasi"))
    told = {"share": percent(figures.permille / 10), "classes": who_counts(figures.rule)}
    if is_budget:
        return str(_("%(share)s pagu kota sampai ke %(classes)s", **told))
    return str(_("%(share)s realisasi kota sampai ke %(classes)s", **told))


def init_app(app: Flask) -> None:
    """Words for templates: those of `words.py`, and what a rule makes of a share."""
    words.init_app(app)
    app.jinja_env.globals.update(
        share_words=share_words,
        share_head=share_head,
        who_counts=who_counts,
        city_headline=city_headline,
    )


def terms_in_words(terms: RuleTerms, before: RuleTerms | None = None) -> list[Term]:
    """All that a rule says, and beside what changed what it was."""
    changed = changed_terms(terms, before) if before else ()
    return [
        Term(_(name), says(terms), says(before) if before and field in changed else None)
        for field, (name, says) in _TERMS.items()
    ]


def _cap(terms: RuleTerms) -> str:
    amount = terms.seller_monthly_cap_amount
    return str(rupiah(amount)) if amount else str(_("tanpa batas"))


def _funds(terms: RuleTerms) -> str:
    if terms.counts_personal:
        return str(_("Dana instansi, dan belanja pribadi sejumlah yang sudah diumumkan"))
    return str(_("Dana instansi"))


def _floor(terms: RuleTerms) -> str:
    if terms.keeps_last_year:
        return str(_("tidak di bawah capaian instansi itu tahun lalu"))
    return str(_("tidak ada"))


_TERMS: Mapping[str, tuple[str, Callable[[RuleTerms], str]]] = {
    "target_permille": (N_("Target"), target_words),
    "base": (N_("Dihitung dari"), lambda terms: base_word(terms.base)),
    "seller_classes": (N_("Kelas yang dihitung"), classes_words),
    "funds": (N_("Dana yang dihitung"), _funds),
    "keeps_last_year": (N_("Batas bawah"), _floor),
    "seller_monthly_cap_amount": (N_("Batas per penjual sebulan"), _cap),
}
