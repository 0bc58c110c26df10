"""An agency's budget of a year: its counters, its versions, and proposals of a new one."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from storefront.agencies.budget_import import COLUMNS, BudgetsImported, import_budgets
from storefront.agencies.budget_plans import NewRevision, ProposedLine
from storefront.agencies.models import RevisionKind, kind_by_number
from storefront.agencies.queries import (
    BudgetPage,
    budget_page,
    expense_accounts,
    find_revision,
    lines_of_revision,
    pending_revisions,
)
from storefront.agencies.revisions import next_revision, propose_revision
from storefront.core.calendar import fiscal_year
from storefront.core.errors import Conflict, DomainError, NotAllowed, NotFound
from storefront.core.permissions import Action
from storefront.core.tabular import Table
from storefront.extensions import db, transaction
from storefront.web.agency.budget_forms import MOST_LINES, RevisionForm
from storefront.web.agency.office import agency, current_office
from storefront.web.clock import now, today
from storefront.web.errors import UNPROCESSABLE, in_words, show_beside_field, status_of
from storefront.web.fields import choice
from storefront.web.identity import current_actor
from storefront.web.messages import tell
from storefront.web.uploads import ImportForm, RowMessage, table_file, take_file

SEE_OTHER = 303
SPARE_ROWS = 3
LINE_FIELDS = frozenset({"activity_code", "activity_name", "expense_account", "amount"})


@agency.get("/budget")
def budget() -> ResponseReturnValue:
    """Ceilings, what is committed and spent, what is left; and the versions of the budget."""
    return _page(ImportForm(formdata=None))


@agency.get("/budget.csv")
def budget_file() -> ResponseReturnValue:
    """The lines as they are, as a file that can be changed and sent back as the next version."""
    page = _budget()
    number = next_revision(db.session(), page.agency.agency_id, page.fiscal_year)
    version = (page.agency.code, page.fiscal_year, number, today().isoformat(), "")
    lines = () if page.borne_by else page.lines
    rows: list[tuple[str | int, ...]] = [
        (
            *version,
            line.activity_code,
            line.activity_name,
            line.expense_account,
            line.ceiling_amount,
        )
        for line in lines
    ]
    if page.ceiling_amount is not None and not page.borne_by:
        rows.insert(0, (*version, "", "", "", page.ceiling_amount))
    return table_file(f"pagu-{page.agency.code}-{page.fiscal_year}.csv", COLUMNS, rows)


@agency.post("/budget/import")
def import_budget_file() -> ResponseReturnValue:
    """Try a file (`action` = `try`), or propose what it says. All of it, or nothing."""
    current_office().require(Action.PROPOSE_BUDGET)
    form, is_try = ImportForm(), request.form.get("action") == "try"
    if not form.validate():
        return _page(form), UNPROCESSABLE
    told: list[BudgetsImported] = []

    def take(session: Session, table: Table) -> None:
        told.append(import_budgets(session, current_actor(), table, now=now(), dry_run=is_try))

    wrong = take_file(form, COLUMNS, take)
    if wrong is not None:
        return _page(form, wrong=wrong), UNPROCESSABLE
    if is_try:
        return _page(form, tried=told[0])
    tell(_("Usulan pagu tersimpan. Berlaku setelah orang kedua mengonfirmasi."))
    return redirect(url_for("agency.budget"), code=SEE_OTHER)


@agency.get("/budget/new")
def new_revision() -> ResponseReturnValue:
    """The form, filled with the lines as they are."""
    current_office().require(Action.PROPOSE_BUDGET)
    page = _budget()
    lines = [
        {
            "activity_code": line.activity_code,
            "activity_name": line.activity_name,
            "expense_account": line.expense_account,
            "amount": line.ceiling_amount,
        }
        for line in ([] if page.borne_by else page.lines)
    ]
    number = next_revision(db.session(), page.agency.agency_id, page.fiscal_year)
    form = RevisionForm(
        formdata=None, effective_on=today(), kind=kind_by_number(number).value, lines=lines
    )
    return _form_page(page, form)


@agency.post("/budget/new")
def propose() -> ResponseReturnValue:
    """Propose the next version. A refusal stands beside its field, with all that was typed."""
    current_office().require(Action.PROPOSE_BUDGET)
    page, form = _budget(), RevisionForm()
    if not form.validate():
        return _form_page(page, form), UNPROCESSABLE
    try:
        with transaction() as session:
            propose_revision(session, current_actor(), _plan(session, page, form), now=now())
    except (NotAllowed, NotFound):
        raise
    except Conflict as refusal:
        return _form_page(page, form, in_words(refusal)), status_of(refusal)
    except DomainError as refusal:
        if not _put_beside(form, refusal):
            return _form_page(page, form, in_words(refusal)), UNPROCESSABLE
        return _form_page(page, form), UNPROCESSABLE
    tell(_("Usulan pagu tersimpan. Berlaku setelah orang kedua mengonfirmasi."))
    return redirect(url_for("agency.budget", year=page.fiscal_year), code=SEE_OTHER)


@agency.get("/budget/revisions/<int:revision_id>")
def revision(revision_id: int) -> ResponseReturnValue:
    """One version with its lines, and the second person's two answers where the reader is it."""
    session, actor = db.session(), current_actor()
    row = find_revision(session, actor, revision_id)
    return render_template(
        "agency/revision.html",
        revision=row,
        lines=lines_of_revision(session, actor, revision_id),
        may_confirm=any(
            each.revision_id == revision_id for each in pending_revisions(session, actor)
        ),
        may_take_back=current_office().may(Action.PROPOSE_BUDGET),
    )


def _year() -> int:
    """The year asked for, if there is a reason to look at it: last, this or the next."""
    this_year = fiscal_year(today())
    asked = request.args.get("year", type=int)
    return asked if asked in _years() else this_year


def _years() -> tuple[int, ...]:
    this_year = fiscal_year(today())
    return (this_year + 1, this_year, this_year - 1)


def _budget() -> BudgetPage:
    office = current_office()
    office.require(Action.SEE_BUDGET)
    return budget_page(db.session(), current_actor(), office.code, _year())


def _page(
    form: ImportForm,
    *,
    wrong: list[RowMessage] | None = None,
    tried: BudgetsImported | None = None,
) -> str:
    return render_template(
        "agency/budget.html",
        budget=_budget(),
        years=_years(),
        form=form,
        wrong=wrong,
        tried=tried,
        columns=COLUMNS,
        may_propose=current_office().may(Action.PROPOSE_BUDGET),
    )


def _form_page(page: BudgetPage, form: RevisionForm, refusal: str | None = None) -> str:
    for _row in range(
        min(SPARE_ROWS, MOST_LINES - len(form.lines)) if not form.lines.errors else 0
    ):
        form.lines.append_entry()
    accounts = [
        choice(code, f"{code} {name}") for code, name in expense_accounts(db.session()).items()
    ]
    for entry in form.lines:
        entry.form.expense_account.choices = accounts
    own_lines = () if page.borne_by else page.lines
    return render_template(
        "agency/budget_form.html",
        budget=page,
        form=form,
        refusal=refusal,
        standing={(line.activity_code, line.expense_account): line for line in own_lines},
    )


def _plan(session: Session, page: BudgetPage, form: RevisionForm) -> NewRevision:
    lines: tuple[ProposedLine, ...] = tuple(
        entry.form.line for entry in form.lines if not entry.form.is_empty
    )
    if form.effective_on.data is None:
        raise TypeError("the form was not validated")
    total = form.total_amount.data
    return NewRevision(
        agency_id=page.agency.agency_id,
        fiscal_year=page.fiscal_year,
        revision=next_revision(session, page.agency.agency_id, page.fiscal_year),
        effective_on=form.effective_on.data,
        document_number=form.document_number.data or "",
        kind=RevisionKind(form.kind.data) if form.kind.data else None,
        total_amount=sum(line.amount for line in lines) if total is None else total,
        lines=lines,
    )


def _put_beside(form: RevisionForm, refusal: DomainError) -> bool:
    """Put a refusal beside the field it names, of the line that it is about; whether it could."""
    if refusal.field in form:
        show_beside_field(form, refusal)
        return True
    name = refusal.field or ""
    for entry in reversed(list(form.lines)):
        if name in LINE_FIELDS and _is_about(refusal, entry.form.line):
            field = entry.form[name]
            field.errors = [*field.errors, in_words(refusal)]
            return True
    return False


def _is_about(refusal: DomainError, line: ProposedLine) -> bool:
    """Whether a refusal's details name the line; without any, whether the line is incomplete."""
    named = [
        (refusal.details.get("activity"), line.activity_code),
        (refusal.details.get("account"), line.expense_account),
    ]
    if not refusal.details:
        has_any = line.activity_code or line.activity_name or line.amount
        return bool(has_any) and not (line.activity_code and line.activity_name)
    return all(told == own for told, own in named if told is not None)
