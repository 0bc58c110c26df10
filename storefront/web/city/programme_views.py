"""The programme as the city runs it: Serlok days ahead, one month's day, and the holidays."""

from collections.abc import Callable, Mapping
from datetime import date

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from storefront.agencies import holidays as days_off
from storefront.core.calendar import fiscal_year, month_of
from storefront.core.errors import Conflict, DomainError, NotFound
from storefront.core.tabular import read_day
from storefront.extensions import db, transaction
from storefront.programme import calendar
from storefront.programme.queries import ParticipationSort, city_participation
from storefront.web.city.office import city
from storefront.web.city.programme_forms import DecisionForm, HolidayForm, MoveForm
from storefront.web.clock import now, today
from storefront.web.components import day as in_full
from storefront.web.components import day_plain
from storefront.web.errors import UNPROCESSABLE, in_words, show_beside_field, status_of
from storefront.web.identity import current_actor
from storefront.web.messages import tell, warn

SEE_OTHER = 303


@city.get("/programme")
def programme() -> ResponseReturnValue:
    """The days ahead, and how many took part in the month that was published last."""
    session, this_month = db.session(), month_of(today())
    sort = request.args.get("sort", ParticipationSort.SHARE, type=ParticipationSort)
    return render_template(
        "city/programme.html",
        months=calendar.plan(session, this_month),
        participation=city_participation(
            session, sort=sort, month=request.args.get("month", type=str)
        ),
        sort=sort,
        today=today(),
        empty_years=days_off.years_to_fill(session, today=today()),
    )


@city.get("/programme/<planned_month>")
def serlok_month(planned_month: str) -> ResponseReturnValue:
    """One month's day: as it is planned, what was decided of it, and how to change it."""
    return _month_page(planned_month)


@city.post("/programme/<planned_month>/move")
def move_serlok_day(planned_month: str) -> ResponseReturnValue:
    form = MoveForm()

    def act(session: Session) -> None:
        calendar.move_day(
            session,
            current_actor(),
            planned_month,
            form.chosen_day,
            reason=form.reason.data or "",
            seen=form.version,
            now=now(),
            despite_day_off=bool(form.despite_day_off.data),
        )

    done = _("Hari Serlok dipindahkan.")
    return _decide(form, planned_month, act, done, lambda: _month_page(planned_month, move=form))


@city.post("/programme/<planned_month>/cancel")
def cancel_serlok_day(planned_month: str) -> ResponseReturnValue:
    form = DecisionForm(prefix="cancel")

    def act(session: Session) -> None:
        calendar.cancel_day(
            session,
            current_actor(),
            planned_month,
            reason=form.reason.data or "",
            seen=form.version,
            now=now(),
        )

    done = _("Hari Serlok dibatalkan.")
    return _decide(form, planned_month, act, done, lambda: _month_page(planned_month, cancel=form))


@city.get("/programme/holidays")
def holidays() -> ResponseReturnValue:
    """The days off of a year, this one or the next two."""
    return _holiday_page(_asked_year())


@city.post("/programme/holidays")
def add_holiday() -> ResponseReturnValue:
    form = HolidayForm()
    if not form.validate():
        return _holiday_page(_asked_year(), form), UNPROCESSABLE
    try:
        with transaction() as session:
            days_off.add_holiday(
                session, current_actor(), form.chosen_day, name=form.name.data or "", now=now()
            )
    except DomainError as refusal:
        show_beside_field(form, refusal)
        return _holiday_page(_asked_year(), form), status_of(refusal)
    tell(_("%(day)s tercatat sebagai hari libur.", day=day_plain(form.chosen_day)))
    return _to_holidays(form.chosen_day.year)


@city.post("/programme/holidays/rename")
def rename_holiday() -> ResponseReturnValue:
    day, name = _posted_day(), request.form.get("name", "")
    try:
        with transaction() as session:
            days_off.rename_holiday(session, current_actor(), day, name=name, now=now())
    except days_off.HolidayNameless as refusal:
        refused = {day: (name, in_words(refusal))}
        return _holiday_page(day.year, refused=refused), UNPROCESSABLE
    tell(_("Nama hari libur %(day)s diganti.", day=day_plain(day)))
    return _to_holidays(day.year)


@city.post("/programme/holidays/remove")
def remove_holiday() -> ResponseReturnValue:
    day = _posted_day()
    with transaction() as session:
        days_off.remove_holiday(session, current_actor(), day, now=now())
    tell(_("%(day)s bukan hari libur lagi.", day=day_plain(day)))
    return _to_holidays(day.year)


@city.post("/programme/holidays/fill")
def fill_holidays() -> ResponseReturnValue:
    """Take what the national calendar of a year has and the list has not."""
    year = _asked_year()
    with transaction() as session:
        added = len(days_off.fill_year(session, current_actor(), year, now=now()))
    if added:
        tell(_("%(count)s hari libur %(year)s ditambahkan.", count=added, year=str(year)))
    else:
        tell(_("Tidak ada yang perlu ditambahkan untuk %(year)s.", year=str(year)))
    return _to_holidays(year)


def _decide(
    form: FlaskForm,
    month: str,
    act: Callable[[Session], None],
    done: str,
    page: Callable[[], str],
) -> ResponseReturnValue:
    """One decision; a refusal stands beside the field, with all that was typed."""
    if not form.validate():
        return page(), UNPROCESSABLE
    try:
        with transaction() as session:
            act(session)
    except NotFound:
        raise
    except DomainError as refusal:
        if isinstance(refusal, Conflict) or refusal.field not in form:
            warn(in_words(refusal))
        else:
            show_beside_field(form, refusal)
        return page(), status_of(refusal)
    tell(done)
    return redirect(url_for("city.serlok_month", planned_month=month), code=SEE_OTHER)


def _month_page(
    month: str, move: MoveForm | None = None, cancel: DecisionForm | None = None
) -> str:
    session, this_month = db.session(), month_of(today())
    ahead = {each.month: each for each in calendar.plan(session, this_month)}
    if month not in ahead:
        raise NotFound
    planned = ahead[month]
    forms = {
        "move": move or MoveForm(formdata=None, day=planned.suggested),
        "cancel": cancel or DecisionForm(formdata=None, prefix="cancel"),
    }
    for form in forms.values():  # a refused form decides of what is shown now
        form.seen.data, form.seen.raw_data = planned.version, None
    return render_template(
        "city/serlok_month.html",
        planned=planned,
        history=calendar.history(session, month, month),
        is_begun=planned.day is not None and planned.day <= today(),
        first_day=date.fromisoformat(f"{month}-01"),
        in_full=in_full,
        **forms,
    )


def _holiday_page(
    year: int,
    form: HolidayForm | None = None,
    refused: Mapping[date, tuple[str, str]] | None = None,
) -> str:
    first = fiscal_year(today())
    return render_template(
        "city/holidays.html",
        year=year,
        years=range(first, first + 3),
        holidays=days_off.holidays_of(db.session(), year),
        form=form or HolidayForm(formdata=None),
        refused=refused or {},
        today=today(),
    )


def _asked_year() -> int:
    """This year or one of the next two: further on nothing is planned."""
    first = fiscal_year(today())
    asked = request.args.get("year", first, type=int)
    return asked if asked in range(first, first + 3) else first


def _posted_day() -> date:
    day = read_day(request.form.get("day", ""))
    if day is None:
        raise NotFound
    return day


def _to_holidays(year: int) -> ResponseReturnValue:
    return redirect(url_for("city.holidays", year=year), code=SEE_OTHER)
