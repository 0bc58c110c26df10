"""What an agency buys: asked for, approved, counted; each page looked at, on both sizes."""

import re

import pytest

from tests.browser.visits import Visit

BUYER = "198703122010012003"
APPROVER = "197905052005011004"
PROCUREMENT = "198201152008011006"

pytestmark = pytest.mark.xdist_group("browser")


def test_a_request_is_approved_and_counted(visit: Visit) -> None:
    page = visit.page
    visit.go("/")
    visit.look("front")
    visit.sign_in(BUYER)
    visit.go("/products?q=kopi")
    visit.look("search")
    visit.main.locator("a[href^='/products/']:visible").first.click()
    page.wait_for_url("**/products/*")
    visit.look("product")
    page.locator("button:visible", has_text="Masukkan ke keranjang").first.click()
    page.wait_for_url("**/cart")
    visit.look("cart")
    visit.go("/checkout")
    page.fill("[name=purpose]", "Rapat koordinasi posyandu")
    for name in ("activity_code", "expense_account"):
        page.locator(f"select[name={name}]").select_option(index=1)
    visit.look("checkout")
    page.locator("button:visible", has_text="Minta persetujuan").first.click()
    page.wait_for_url("**/purchases/*")
    visit.look("requested")
    number = re.findall(r"P-[0-9A-Z]+-\d", page.content())[0]

    visit.sign_in(APPROVER)
    visit.go("/agency/approvals")
    visit.look("approvals")
    page.locator(f"a[href*='{number}']:visible").first.click()
    page.wait_for_url(f"**/{number}")
    visit.look("approval")
    page.locator("button:visible", has_text="Setujui").first.click()
    page.wait_for_url("**/agency/approvals")
    visit.says(f"Permintaan {number} disetujui")
    visit.look("approved")

    visit.sign_in(PROCUREMENT)
    for path in ("/agency", "/agency/quota", "/agency/orders", "/agency/exports"):
        visit.go(path)
        visit.look(path.strip("/").replace("/", "-"))

    visit.sign_in(BUYER)
    visit.go(f"/orders/{number}")
    visit.says("Menunggu penjual")
    visit.look("order")


@pytest.mark.parametrize(
    ("login", "paths"),
    [
        ("kopi@penjual.example", ["/seller", "/seller/orders", "/seller/products"]),
        ("admin@kota.example", ["/city"]),
        ("auditor@kota.example", ["/audit"]),
    ],
)
def test_every_side_of_the_house_can_be_read(visit: Visit, login: str, paths: list[str]) -> None:
    visit.sign_in(login)
    for path in paths:
        visit.go(path)
        visit.look(path.strip("/").replace("/", "-"))
