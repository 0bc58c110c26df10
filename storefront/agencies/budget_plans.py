"""What may be proposed as a budget: the rules that a plan alone can break."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.agencies.models import AgencyId, ExpenseAccount, RevisionKind
from storefront.core.errors import N_, DomainError

LARGEST_AMOUNT = 10**15
CODE_LENGTH, NAME_LENGTH, DOCUMENT_LENGTH = 40, 200, 80


class EffectiveOutsideYear(DomainError):
    code = "effective_outside_year"
    message = N_("Tanggal berlaku harus dalam tahun anggaran %(fiscal_year)d.")
    field = "effective_on"


class DocumentMissing(DomainError):
    code = "document_missing"
    message = N_("Isi nomor dokumen pagu (DPA/DPPA), paling banyak %(longest)d karakter.")
    field = "document_number"


class OriginalComesFirst(DomainError):
    code = "original_comes_first"
    message = N_("APBD murni hanya pagu pertama; pilih pergeseran atau perubahan.")
    field = "kind"


class LinesExceedTotal(DomainError):
    code = "lines_exceed_total"
    message = N_("Jumlah rincian %(lines_amount)s melebihi total pagu %(total_amount)s.")
    field = "total_amount"


class AmountOutOfBounds(DomainError):
    code = "amount_out_of_bounds"
    message = N_("Nilai pagu harus antara 0 dan 1.000 triliun rupiah.")
    field = "total_amount"


class UnknownExpenseAccount(DomainError):
    code = "unknown_expense_account"
    message = N_("Rekening belanja %(account)s belum terdaftar.")
    field = "expense_account"


class LineRepeated(DomainError):
    code = "line_repeated"
    message = N_("Kegiatan %(activity)s dengan rekening %(account)s ada dua kali.")
    field = "activity_code"


class LineIncomplete(DomainError):
    code = "line_incomplete"
    message = N_("Setiap rincian perlu kode dan nama kegiatan.")
    field = "activity_code"


@dataclass(frozen=True)
class ProposedLine:
    """What a revision gives one activity for one expense account, in whole rupiah."""

    activity_code: str
    activity_name: str
    expense_account: str
    amount: int


@dataclass(frozen=True, kw_only=True)
class NewRevision:
    """A version of an agency's budget of a year.

    `total_amount` may be more than the lines make: the rest is not broken down.
    """

    agency_id: AgencyId
    fiscal_year: int
    revision: int
    effective_on: date
    document_number: str
    total_amount: int
    lines: tuple[ProposedLine, ...] = ()
    kind: RevisionKind | None = None
    """None: by its number, as in a file, whose columns do not name it."""


def check_plan(session: Session, plan: NewRevision) -> None:
    """Raise what is wrong with a plan, each with the field to put right.

    `DocumentMissing`, `OriginalComesFirst`, `EffectiveOutsideYear`, `AmountOutOfBounds`,
    `LineIncomplete`, `LineRepeated`, `UnknownExpenseAccount` or `LinesExceedTotal`.
    """
    if not 0 < len(plan.document_number) <= DOCUMENT_LENGTH:
        raise DocumentMissing(longest=DOCUMENT_LENGTH)
    if plan.kind is RevisionKind.ORIGINAL and plan.revision != 1:
        raise OriginalComesFirst
    if plan.effective_on.year != plan.fiscal_year:
        raise EffectiveOutsideYear(fiscal_year=plan.fiscal_year)
    amounts = [plan.total_amount, *(line.amount for line in plan.lines)]
    if not all(0 <= amount <= LARGEST_AMOUNT for amount in amounts):
        raise AmountOutOfBounds
    seen = Counter((line.activity_code, line.expense_account) for line in plan.lines)
    for line in plan.lines:
        is_named = 0 < len(line.activity_code) <= CODE_LENGTH
        if not is_named or not 0 < len(line.activity_name) <= NAME_LENGTH:
            raise LineIncomplete
        if seen[line.activity_code, line.expense_account] > 1:
            raise LineRepeated(activity=line.activity_code, account=line.expense_account)
    known = set(session.scalars(select(ExpenseAccount.code)))
    for account in sorted({line.expense_account for line in plan.lines} - known):
        raise UnknownExpenseAccount(account=account)
    lines_amount = sum(line.amount for line in plan.lines)
    if lines_amount > plan.total_amount:
        raise LinesExceedTotal(lines_amount=lines_amount, total_amount=plan.total_amount)
