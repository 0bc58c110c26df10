"""Checkout through HTTP, as a browser without JavaScript sees it."""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from storefront.agencies.models import Agency, PlacementKind
from storefront.catalog.models import Variant, VariantId
from storefront.core.database import transaction
from storefront.core.permissions import Role
from storefront.orders import cart
from storefront.orders.cart import CartOwner
from storefront.orders.models import CartItem, Delivery, Order, OrderPeople, Purchase
from storefront.payments.sandbox import payer
from storefront.payments.sandbox.state import Mood, SandboxState
from storefront.quota.models import Fund
from tests.factories import NOON, agency, budget, listed_variant, person, placed, shop
from tests.web.browsing import Form, Forms, form_to, sign_in

ACTIVITY, ACCOUNT = "1.02.02.2.02", "5.1.02.01.01.0052"


@dataclass
class Till:
    """A signed-in buyer of an agency with a budget line, and what is in the cart."""

    app: Flask
    client: FlaskClient
    session: Session
    health: Agency
    owner: CartOwner

    def gathers(self, *variant_ids: VariantId) -> list[CartItem]:
        with transaction(self.session):
            return [
                cart.add(self.session, self.owner, variant_id, 1, now=NOON)
                for variant_id in variant_ids
            ]

    def form(self, query: str = "") -> Form:
        return form_to(self.client.get(f"/checkout{query}"), "/checkout")

    def sends(self, form: Form, **changed: object) -> TestResponse:
        return self.client.post(form.action, data=form.filled(**changed))

    def orders(self) -> list[Order]:
        self.session.rollback()
        query = select(Order).order_by(Order.id).execution_options(populate_existing=True)
        return list(self.session.scalars(query))

    def purchases(self) -> int:
        self.session.rollback()
        return self.session.scalars(select(func.count(Purchase.id))).one()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as moving:
        yield moving


@pytest.fixture
def till(app: Flask, session: Session, clock: time_machine.Traveller) -> Till:  # noqa: ARG001
    health = agency(session)
    placed(session, health, Role.APPROVER, person_id=person(session, "Ridwan Komara"))
    person_id = placed(session, health, Role.BUYER).person_id
    budget(session, health, line=200_000_000)
    client = sign_in(app, session, person_id, now=NOON)
    return Till(app, client, session, health, CartOwner(person_id=person_id))


def problems(answer: TestResponse) -> str:
    """The summary of errors on top of a page."""
    return answer.text.split("error-summary")[1].split("</section>")[0]


def test_a_guest_is_asked_to_sign_in_and_comes_back(app: Flask) -> None:
    answer = app.test_client().get("/checkout?item=3&item=5")
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert answer.location == "/login?next=/checkout?item%3D3%26item%3D5"


def test_an_empty_cart_leads_to_the_cart(till: Till) -> None:
    assert till.client.get("/checkout").location == "/cart"


def test_without_a_placement_it_is_said_whom_to_ask(
    app: Flask, till: Till, session: Session
) -> None:
    seller_id = person(session, "Euis")
    client = sign_in(app, session, seller_id, now=NOON)
    Till(app, client, session, till.health, CartOwner(person_id=seller_id)).gathers(
        listed_variant(session)
    )
    page = client.get("/checkout")
    assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Anda belum punya penempatan yang berlaku hari ini" in page.text
    assert "Admin instansi tempat Anda bertugas" in page.text


def test_the_form_can_be_sent_as_it_is_shown(till: Till) -> None:
    till.gathers(listed_variant(till.session, price=15_000))
    answer = till.sends(till.form())
    assert answer.status_code == HTTPStatus.SEE_OTHER
    [order] = till.orders()
    assert answer.location == f"/purchases/{order.number[:-2]}"
    assert (order.fund, order.activity_code, order.expense_account) == (
        Fund.OFFICIAL,
        ACTIVITY,
        ACCOUNT,
    )


def test_the_page_says_what_is_left_who_decides_and_by_when(till: Till) -> None:
    till.gathers(listed_variant(till.session, price=15_000))
    page = till.client.get("/checkout").text
    assert "Sisa Rp200.000.000, setelah pembelian ini Rp199.985.000." in page
    assert "Ridwan Komara" in page
    assert "memutuskan paling lambat 12 November 2026 pukul 16.00" in page


def test_the_page_says_what_the_quota_gains(till: Till) -> None:
    till.gathers(listed_variant(till.session, price=15_000))
    page = till.client.get("/checkout").text
    assert "Kekurangan ke 40% turun dari Rp400.000.000 menjadi Rp399.985.000." in page


def test_own_money_leads_to_the_payment_page(till: Till) -> None:
    till.gathers(listed_variant(till.session, price=15_000))
    answer = till.sends(till.form(), fund="personal")
    assert urlsplit(str(answer.location)).path.startswith("/sandbox/pay/")
    [order] = till.orders()
    assert order.fund is Fund.PERSONAL


def test_only_chosen_items_are_bought(till: Till) -> None:
    chosen, other = till.gathers(listed_variant(till.session), listed_variant(till.session))
    till.sends(till.form(f"?item={chosen.id}"))
    assert len(till.orders()) == 1
    left = till.session.scalars(select(CartItem.id)).all()
    assert left == [other.id]


def test_what_only_the_server_may_say_is_ignored(till: Till) -> None:
    other = agency(till.session, "7.01.01", name="Kecamatan Coblong")
    till.gathers(listed_variant(till.session, price=15_000))
    till.sends(
        till.form(),
        agency_id=other.id,
        agency_code="7.01.01",
        price=1,
        unit_price_amount=1,
        total_amount=1,
        status="approved",
        payment_status="paid",
        role="city_admin",
        seller_class="cooperative",
        buyer_id="somebody",
    )
    [order] = till.orders()
    assert (order.agency_code, order.total_amount, order.status, order.payment_status) == (
        till.health.code,
        15_000,
        "submitted",
        "unpaid",
    )


def test_a_fund_that_is_none_is_refused_beside_its_field(till: Till) -> None:
    till.gathers(listed_variant(till.session))
    answer = till.sends(till.form(), fund="apbn")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Pilih sumber dana." in problems(answer)


def test_of_several_placements_one_is_chosen(till: Till) -> None:
    coblong = agency(till.session, "7.01.01", name="Kecamatan Coblong")
    placed(till.session, coblong, Role.APPROVER)
    second = placed(
        till.session,
        coblong,
        Role.BUYER,
        person_id=till.owner.person_id,
        kind=PlacementKind.ACTING,
    )
    till.gathers(listed_variant(till.session))
    answer = till.sends(till.form(), placement_id=second.id, fund="personal")
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert [order.agency_code for order in till.orders()] == ["7.01.01"]


def test_with_one_placement_there_is_nothing_to_choose(till: Till) -> None:
    till.gathers(listed_variant(till.session))
    assert "placement_id" not in till.form()


# --- the total ---


def test_a_price_that_changed_is_a_conflict_with_all_that_was_typed(till: Till) -> None:
    coffee = listed_variant(till.session, price=15_000)
    till.gathers(coffee)
    form = till.form()
    with transaction(till.session):
        till.session.get_one(Variant, coffee).price_amount = 16_000
    answer = till.sends(form, purpose="Konsumsi rapat", note="Tanpa gula")
    assert answer.status_code == HTTPStatus.CONFLICT
    shown = form_to(answer, "/checkout")
    assert (shown["purpose"], shown["note"], shown["expected_total"]) == (
        "Konsumsi rapat",
        "Tanpa gula",
        "16000",
    )
    assert "Jumlahnya sekarang Rp16.000." in answer.text
    assert till.sends(shown).status_code == HTTPStatus.SEE_OTHER


def test_another_way_of_delivery_shows_its_total_before_it_is_bought(till: Till) -> None:
    seller = shop(till.session, office_delivery=15_000, home_delivery=20_000)
    till.gathers(listed_variant(till.session, seller=seller, price=100_000))
    answer = till.sends(till.form(), delivery="home", address="Jl. Dago No. 8")
    assert answer.status_code == HTTPStatus.CONFLICT
    shown = form_to(answer, "/checkout")
    assert (shown["delivery"], shown["address"], shown["expected_total"]) == (
        "home",
        "Jl. Dago No. 8",
        "120000",
    )
    assert till.purchases() == 0


def test_a_button_recalculates_and_buys_nothing(till: Till) -> None:
    seller = shop(till.session, office_delivery=15_000)
    till.gathers(listed_variant(till.session, seller=seller, price=100_000))
    answer = till.sends(
        till.form(), delivery="pickup", purpose="", note="Tanpa gula", action="recalculate"
    )
    assert answer.status_code == HTTPStatus.OK
    shown = form_to(answer, "/checkout")
    assert (shown["expected_total"], shown["note"], shown["purpose"]) == (
        "100000",
        "Tanpa gula",
        "",
    )
    assert till.purchases() == 0


def test_a_form_without_a_total_buys_nothing(till: Till) -> None:
    till.gathers(listed_variant(till.session))
    answer = till.sends(till.form(), expected_total=None)
    assert answer.status_code == HTTPStatus.CONFLICT
    assert till.purchases() == 0


def test_a_cart_that_changed_in_another_tab_is_a_conflict(till: Till) -> None:
    coffee = listed_variant(till.session, price=15_000)
    till.gathers(coffee)
    form = till.form()
    till.gathers(coffee)
    answer = till.sends(form, note="Tanpa gula")
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "Isi keranjang berubah" in answer.text
    assert form_to(answer, "/checkout")["note"] == "Tanpa gula"


@pytest.mark.parametrize("fund", ["official", "personal"])
def test_the_same_form_sent_twice_is_one_purchase(till: Till, fund: str) -> None:
    till.gathers(listed_variant(till.session))
    form = till.form()
    first, second = till.sends(form, fund=fund), till.sends(form, fund=fund)
    assert first.location == second.location
    assert till.purchases() == 1


# --- several sellers ---


def test_several_sellers_have_a_field_each(till: Till) -> None:
    euis, mekar = shop(till.session), shop(till.session)
    till.gathers(
        listed_variant(till.session, seller=euis), listed_variant(till.session, seller=mekar)
    )
    till.sends(
        till.form(),
        **{
            f"delivery_{mekar.id}": "pickup",
            f"outlet_code_{mekar.id}": "OUT-MPP",
            f"note_{mekar.id}": "Pagi hari",
            f"deliver_on_{euis.id}": "2026-11-20",
        },
    )
    first, second = till.orders()
    assert (first.delivery, str(first.deliver_on), first.note) == (
        Delivery.OFFICE,
        "2026-11-20",
        "",
    )
    assert (second.delivery, second.outlet_code, second.note) == (
        Delivery.PICKUP,
        "OUT-MPP",
        "Pagi hari",
    )


def test_a_plain_field_holds_for_all_orders(till: Till) -> None:
    euis, mekar = shop(till.session), shop(till.session)
    till.gathers(
        listed_variant(till.session, seller=euis), listed_variant(till.session, seller=mekar)
    )
    form = till.form()
    without_own = {
        f"{name}_{seller.id}": None
        for name in ("expense_account", "deliver_on")
        for seller in (euis, mekar)
    }
    till.sends(form, expense_account=ACCOUNT, deliver_on="2026-11-23", **without_own)
    assert [(o.expense_account, str(o.deliver_on)) for o in till.orders()] == [
        (ACCOUNT, "2026-11-23")
    ] * 2


def test_an_error_stands_beside_the_field_of_its_order(till: Till) -> None:
    euis, mekar = shop(till.session, "Dapur Bu Euis"), shop(till.session)
    till.gathers(
        listed_variant(till.session, seller=euis, lead_days=5),
        listed_variant(till.session, seller=mekar),
    )
    answer = till.sends(till.form(), **{f"deliver_on_{euis.id}": "2026-11-16"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert f'href="#deliver_on_{euis.id}"' in problems(answer)
    assert "Dapur Bu Euis dapat mengirim paling cepat 19 November 2026." in problems(answer)
    assert form_to(answer, "/checkout")[f"deliver_on_{euis.id}"] == "2026-11-16"


# --- refusals ---


@pytest.mark.parametrize(
    ("changed", "field", "message"),
    [
        ({"purpose": ""}, "purpose", "Tulis keperluannya"),
        ({"purpose": "x" * 301}, "purpose", "Paling panjang 300 huruf."),
        ({"activity_code": "9.99"}, "activity_code", "Pilih kegiatan"),
        ({"expense_account": "9.99"}, "expense_account", "Pilih rekening belanja"),
        ({"delivery": "drone"}, "delivery-0", "Pilih cara pengiriman."),
        ({"delivery": "home"}, "address", "Tulis alamat tujuan"),
        ({"delivery": "pickup", "outlet_code": "OUT-X"}, "outlet_code", "Pilih outlet"),
        ({"deliver_on": "besok"}, "deliver_on", "Tulis tanggal seperti"),
        ({"deliver_on": "2020-01-01"}, "deliver_on", "paling cepat"),
        ({"deliver_on": "9999-12-31"}, "deliver_on", "paling lambat"),
        ({"note": "x" * 501}, "note", "Paling panjang 500 huruf."),
    ],
)
def test_bad_input_is_told_beside_its_field_and_kept(
    till: Till, changed: dict[str, str], field: str, message: str
) -> None:
    till.gathers(listed_variant(till.session))
    answer = till.sends(till.form(), **changed)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert f'href="#{field}"' in problems(answer)
    assert message in problems(answer)
    kept = form_to(answer, "/checkout")
    free_text = {name: text for name, text in changed.items() if name in {"purpose", "note"}}
    assert all(kept[name] == text for name, text in free_text.items())
    assert till.purchases() == 0


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "' OR 1=1 --", "emoji ☕ \u202e kanan", "nol \x00 byte"]
)
def test_whatever_is_typed_is_kept_as_text(till: Till, text: str) -> None:
    till.gathers(listed_variant(till.session))
    answer = till.sends(till.form(), purpose="", note=text)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "<script>alert" not in answer.text
    assert "\x00" not in form_to(answer, "/checkout")["note"]


@pytest.mark.parametrize("item", ["0", "-1", "x", "½", str(2**63), "9" * 300])
def test_an_item_that_is_none_is_as_if_it_were_not_there(till: Till, item: str) -> None:
    till.gathers(listed_variant(till.session))
    assert till.client.get(f"/checkout?item={item}").status_code == HTTPStatus.OK


@pytest.mark.parametrize("placement", ["x", "-1", "9" * 18, "9" * 300])
def test_a_placement_that_is_not_ones_own_buys_nothing(till: Till, placement: str) -> None:
    till.gathers(listed_variant(till.session))
    answer = till.sends(till.form(), placement_id=placement)
    assert answer.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY}
    assert till.purchases() == 0


def test_what_is_sold_out_meanwhile_is_told_by_name(till: Till) -> None:
    coffee = listed_variant(till.session, stock=1, name="Kopi Manglayang")
    till.gathers(coffee)
    form = till.form()
    other = CartOwner(person_id=placed(till.session, till.health, Role.BUYER).person_id)
    with transaction(till.session):
        cart.add(till.session, other, coffee, 1, now=NOON)
    quicker = sign_in(till.app, till.session, other.person_id or person(till.session), now=NOON)
    theirs = form_to(quicker.get("/checkout"), "/checkout")
    quicker.post(theirs.action, data=theirs.filled())
    answer = till.sends(form)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Kopi Manglayang: Stok tinggal 0." in problems(answer)


def test_a_request_above_the_line_says_by_how_much(till: Till) -> None:
    till.gathers(listed_variant(till.session, price=200_000_001))
    answer = till.sends(till.form())
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Sisa pagu Rp200.000.000; permintaan ini lewat Rp1." in problems(answer)


def test_an_agency_without_an_approver_is_told_so_on_the_page(app: Flask, session: Session) -> None:
    with time_machine.travel(NOON, tick=False):
        alone = agency(session, "1.05", name="Satpol PP")
        person_id = placed(session, alone, Role.BUYER).person_id
        client = sign_in(app, session, person_id, now=NOON)
        till = Till(app, client, session, alone, CartOwner(person_id=person_id))
        till.gathers(listed_variant(session))
        assert "Belum ada yang dapat menyetujui" in client.get("/checkout").text
        answer = till.sends(till.form())
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Belum ada PPK/KPA" in problems(answer)


def test_the_buyers_address_stands_where_it_can_be_erased(till: Till) -> None:
    till.gathers(listed_variant(till.session))
    form = till.form()
    till.sends(form, fund="personal", delivery="home", address="Jl. Dago No. 8, Coblong")
    [order] = till.orders()
    assert till.session.get_one(OrderPeople, order.id).address == "Jl. Dago No. 8, Coblong"


# --- after it was sent ---


@pytest.fixture
def sandbox(app: Flask) -> SandboxState:
    state: SandboxState = app.extensions["payment_sandbox"]
    return state


def test_the_purchase_says_what_it_waits_for(till: Till) -> None:
    till.gathers(listed_variant(till.session, price=15_000))
    answer = till.sends(till.form())
    page = till.client.get(answer.location or "")
    assert "Permintaan Rp15.000 sudah dikirim" in page.text
    assert "Menunggu persetujuan" in page.text


def test_back_from_the_payment_the_purchase_is_paid(till: Till, sandbox: SandboxState) -> None:
    till.gathers(listed_variant(till.session, price=15_000))
    paying = till.sends(till.form(), fund="personal").location or ""
    session_id = paying.rsplit("/", 1)[1]
    payer.pay(sandbox, session_id)
    checkout = payer.find_checkout(sandbox, session_id)
    assert checkout is not None
    answer = till.client.get(urlsplit(checkout.success_url).path, follow_redirects=True)
    assert "pembayaran Rp15.000 sudah kami terima" in answer.text
    [order] = till.orders()
    assert order.paid_amount == 15_000


def test_while_the_gateway_is_down_the_page_says_so_and_it_can_be_tried_again(
    till: Till, sandbox: SandboxState
) -> None:
    till.gathers(listed_variant(till.session, price=15_000))
    form = till.form()
    sandbox.behave(Mood.DOWN)
    answer = till.sends(form, fund="personal")
    here = answer.location or ""
    page = till.client.get(here)
    assert "Halaman pembayaran belum terbuka" in page.text
    assert "Coba bayar lagi" in page.text
    sandbox.behave(Mood.FINE)
    again = form_to(page, here)
    paying = till.client.post(again.action, data=again.filled())
    assert urlsplit(str(paying.location)).path.startswith("/sandbox/pay/")
    assert till.purchases() == 1


def test_anothers_purchase_is_not_found(app: Flask, till: Till, session: Session) -> None:
    till.gathers(listed_variant(session))
    here = till.sends(till.form()).location or ""
    stranger = sign_in(app, session, placed(session, till.health).person_id, now=NOON)
    for path in (here, f"{here}/paid"):
        assert stranger.get(path).status_code == HTTPStatus.NOT_FOUND


def test_no_form_of_the_page_is_without_its_token(till: Till) -> None:
    till.gathers(listed_variant(till.session))
    forms = Forms(till.client.get("/checkout").text).forms
    assert all("csrf_token" in form for form in forms if form.method == "post")
