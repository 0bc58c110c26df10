"""How a figure follows from others: its formula with the numbers in it, each of them a figure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from storefront.quota.rule_models import RuleBase
from storefront.reports.explained_figures import FORESEEN, Figure, Question
from storefront.reports.figures import Share
from storefront.reports.forecast import MONTHS, Forecast, Method
from storefront.reports.outlook import Outlook


class StepName(StrEnum):
    """What a step reckons."""

    IF_ALL = "if_all"
    TARGET = "target"
    TARGET_IF_ALL = "target_if_all"
    MISSING = "missing"
    BEYOND = "beyond"
    MISSING_IF_ALL = "missing_if_all"
    MONTHLY = "monthly"
    SHAPE = "shape"
    """As last year grew from the same month on."""
    EVEN = "even"
    """Every month as the mean of those that are over."""
    STANDS = "stands"
    """What is realised and committed already: the forecast is never below it."""
    PUT_BACK = "put_back"
    OFF = "off"
    SPREAD = "spread"
    LOW = "low"
    HIGH = "high"


class Sign(StrEnum):
    PLUS = "plus"
    LESS = "less"
    TIMES = "times"
    OVER = "over"


@dataclass(frozen=True)
class Term:
    """A number of a formula; `question`: the figure that it is, where it is one."""

    value: int
    question: Question | None = None
    unit: str = "rupiah"
    """`rupiah`, `count`, or `permille`."""


@dataclass(frozen=True)
class Step:
    """`terms` joined by `signs` give `result`."""

    name: StepName
    terms: tuple[Term, ...]
    signs: tuple[Sign, ...]
    result: Term
    month: str = ""
    """Which month it is about (YYYY-MM), where it is about one."""


def steps_of(figure: Figure, share: Share, *, year: int, ahead: Outlook | None) -> tuple[Step, ...]:
    """The steps to a figure, in the order in which they are reckoned; none where it is a sum."""
    if figure in FORESEEN:
        made = ahead.forecast if ahead else None
        return tuple(_foreseen(made, share, ahead, year)) if made and ahead else ()
    return tuple(_of_share(figure, share, ahead))


def _of_share(figure: Figure, share: Share, ahead: Outlook | None) -> Iterator[Step]:
    realised, committed = _realised(share), _committed(share)
    if figure is Figure.IF_ALL:
        result = Term(share.realised + share.counted.committed)
        yield Step(StepName.IF_ALL, (realised, committed), (Sign.PLUS,), result)
    target_amount = share.target_amount
    if target_amount is None or share.base_amount is None:
        return
    target = Term(target_amount, Question(Figure.TARGET))
    share_asked = Term(share.target_permille, unit="permille")
    base = Question(Figure.CEILING if share.base is RuleBase.BUDGET else Figure.BASE)
    if figure in {Figure.TARGET, Figure.MISSING, Figure.BEYOND}:
        yield Step(
            StepName.TARGET, (share_asked, Term(share.base_amount, base)), (Sign.TIMES,), target
        )
    if figure is Figure.MISSING:
        yield Step(
            StepName.MISSING, (target, realised), (Sign.LESS,), Term(target_amount - share.realised)
        )
    if figure is Figure.BEYOND:
        yield Step(
            StepName.BEYOND, (realised, target), (Sign.LESS,), Term(share.realised - target_amount)
        )
    if figure in {Figure.MISSING_IF_ALL, Figure.MONTHLY}:
        yield from _missing_if_all(share, share_asked, base, target)
    if figure is Figure.MONTHLY and ahead and ahead.pace:
        pace = ahead.pace
        missing = Term(pace.missing_amount, Question(Figure.MISSING_IF_ALL))
        months = Term(pace.months_left, unit="count")
        yield Step(StepName.MONTHLY, (missing, months), (Sign.OVER,), Term(pace.monthly_amount))


def _missing_if_all(share: Share, asked: Term, base: Question, target: Term) -> Iterator[Step]:
    """With the base that there will be: it too rises with what is still to be realised."""
    if share.base is RuleBase.REALISED and share.base_if_all_amount is not None:
        amount = -(-share.base_if_all_amount * share.target_permille // 1_000)
        target = Term(amount)
        of_it = (asked, Term(share.base_if_all_amount))
        yield Step(StepName.TARGET_IF_ALL, of_it, (Sign.TIMES,), target)
    else:
        of_it = (asked, Term(share.base_amount or 0, base))
        yield Step(StepName.TARGET, of_it, (Sign.TIMES,), target)
    left = target.value - share.realised - share.counted.committed
    terms = (target, _realised(share), _committed(share))
    yield Step(StepName.MISSING_IF_ALL, terms, (Sign.LESS, Sign.LESS), Term(left))


def _foreseen(made: Forecast, share: Share, ahead: Outlook, year: int) -> Iterator[Step]:
    """The forecast, what stands already, how far the method was off, and the bounds."""
    over = made.months_over
    came = _until(ahead, over, year)
    terms = _reckoning(made.method, ahead, over, MONTHS, year)
    yield Step(StepName(made.method.value), *terms, Term(made.reckoned_amount), f"{year}-12")
    stands = share.realised + share.counted.committed
    yield Step(StepName.STANDS, (_realised(share), _committed(share)), (Sign.PLUS,), Term(stands))
    back = over - made.checked_months
    foretold = Term(made.foretold_amount)
    terms = _reckoning(made.method, ahead, back, over, year)
    yield Step(StepName.PUT_BACK, *terms, foretold, f"{year}-{over:02}")
    off = Term(abs(foretold.value - came.value))
    larger, smaller = (foretold, came) if foretold.value >= came.value else (came, foretold)
    yield Step(StepName.OFF, (larger, smaller), (Sign.LESS,), off, f"{year}-{over:02}")
    spread = Term(made.high_amount - made.amount)
    amount = Term(made.amount, Question(Figure.FORECAST))
    yield Step(StepName.SPREAD, (amount, off, came), (Sign.TIMES, Sign.OVER), spread)
    yield Step(StepName.LOW, (amount, spread), (Sign.LESS,), Term(made.amount - spread.value))
    yield Step(StepName.HIGH, (amount, spread), (Sign.PLUS,), Term(made.high_amount))


def _reckoning(
    method: Method, ahead: Outlook, over: int, until: int, year: int
) -> tuple[tuple[Term, ...], tuple[Sign, ...]]:
    """From what stood after `over` months to the end of month `until`."""
    stood = _until(ahead, over, year)
    if method is Method.EVEN:
        return (stood, Term(until, unit="count"), Term(over, unit="count")), (Sign.TIMES, Sign.OVER)
    return (stood, _last_year(ahead, until, year), _last_year(ahead, over, year)), (
        Sign.TIMES,
        Sign.OVER,
    )


def _until(ahead: Outlook, month: int, year: int) -> Term:
    return Term(ahead.finished[month - 1], Question(Figure.UP_TO_MONTH, f"{year}-{month:02}"))


def _last_year(ahead: Outlook, month: int, year: int) -> Term:
    question = Question(Figure.LAST_YEAR_UNTIL, f"{year - 1}-{month:02}")
    return Term(ahead.last_year[month - 1], question)


def _realised(share: Share) -> Term:
    return Term(share.realised, Question(Figure.REALISED))


def _committed(share: Share) -> Term:
    return Term(share.counted.committed, Question(Figure.COMMITTED))
