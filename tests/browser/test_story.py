"""The main job in a browser, on a phone and on a desktop, by people who follow what they read.

Each page of it is looked at: a picture is kept, it is no wider than the screen, axe finds nothing.
The two sizes play in two agencies, so that neither meets what the other left.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storefront.agencies import roster
from storefront.core.calendar import city_day
from tests.browser.visits import Visit
from tests.web.selling import photograph

pytestmark = pytest.mark.xdist_group("browser")

COFFEE, BATIK = "Kopi Wening", "Batik Sekar Pasundan"
COFFEE_SELLER, BATIK_SELLER = "kopi@penjual.example", "batik@penjual.example"
CITY_ADMIN, AUDITOR = "admin@kota.example", "auditor@kota.example"
FOOD = "5.1.02.01.01.0052"
NARROW = "9.99.99.2.02.0001", "Rapat kecil"
"""An activity whose budget a purchase of the story exceeds."""


@dataclass(frozen=True)
class Cast:
    """Who plays, and what only they bring along."""

    agency_code: str
    agency: str
    buyer: str
    approver: str
    treasurer: str
    procurement: str
    newcomer: str
    applicant: str
    nib: str
    on_the_roster: str
    above_budget: str
    """What a request above its line is told: by the city's choice it is refused, or may say why."""


CASTS = {
    "phone": Cast(
        "KB-D02",
        "Dinas Kesehatan",
        buyer="198703122010012003",
        approver="197905052005011004",
        treasurer="198811202012012005",
        procurement="198201152008011006",
        newcomer="199104172020121001",
        applicant="Sambal Bu Cicih",
        nib="9120001234567",
        on_the_roster="199203142019031003",
        above_budget="Permintaan ini lewat pagu Rp",
    ),
    "desktop": Cast(
        "KB-K19",
        "Kecamatan Coblong",
        buyer="199001012015022007",
        approver="197706062003121008",
        treasurer="198504142009021002",
        procurement="197706062003121008",
        newcomer="199205182021122002",
        applicant="Anyaman Pak Dadang",
        nib="9120007654321",
        on_the_roster="199311252020122004",
        above_budget="Sisa pagu Rp50.000; permintaan ini lewat Rp",
    ),
}


@dataclass(frozen=True)
class Story:
    """The chapters, each told by the people of one cast at one browser."""

    visit: Visit
    cast: Cast

    def a_visitor_browses(self) -> None:
        visit, page = self.visit, self.visit.page
        visit.go("/")
        visit.look("front")
        page.locator("nav.cats a").first.click()
        page.wait_for_load_state()
        visit.look("category")
        self.search("kopi puntang")
        visit.says("Kopi Arabika Puntang")
        visit.look("search")
        visit.link("Kopi Arabika Puntang")
        visit.says("Rp68.000")
        visit.look("product")
        visit.link(COFFEE)
        page.get_by_role("heading", name=COFFEE, level=1).wait_for()
        visit.look("shop")

    def a_seller_to_be_applies(self) -> None:
        visit, page = self.visit, self.visit.page
        visit.go("/")
        page.get_by_role("link", name="Mulai berjualan").last.click()
        page.get_by_label("Nama usaha").fill(self.cast.applicant)
        page.get_by_label("Nama pemilik").fill("Cicih Kurniasih")
        page.get_by_label("NIB (Nomor Induk Berusaha)").fill(self.cast.nib)
        page.get_by_label("Usaha mikro").check()
        page.get_by_label("Kecamatan").select_option("Coblong")
        page.get_by_label("Nomor telepon").fill("081234567890")
        page.get_by_label("Surel").fill(self.applicants_mail)
        visit.look("apply")
        visit.press("Kirim pendaftaran")
        visit.says("Pendaftaran Anda")
        visit.look("applied")

    def a_seller_lists_changes_and_takes_down(self) -> None:
        visit, page = self.visit, self.visit.page
        name = f"Kopi Malabar {visit.size}"
        visit.sign_in(COFFEE_SELLER)
        visit.to_work("Buka ruang penjual")
        visit.look("seller-home")
        visit.menu("Barang")
        visit.look("seller-products")
        visit.link("Tambah barang|Barang baru")
        self.photograph()
        page.get_by_label("Nama barang").fill(name)
        page.get_by_label("Kategori").select_option("kopi-teh")
        page.get_by_label("Satuan").fill("bungkus")
        visit.press("Tambah varian")
        first, second = page.locator("fieldset.variant").all()
        first.get_by_label("Nama varian").fill("Biji utuh")
        first.get_by_label("Harga", exact=True).fill("72000")
        first.get_by_label("Stok", exact=True).fill("20")
        second.get_by_label("Nama varian").fill("Giling pagi ini")
        second.get_by_label("Harga", exact=True).fill("75000")
        second.locator("select").select_option("on_order")
        second.get_by_label("Hari kerja menyiapkan").fill("2")
        visit.look("seller-product-new")
        visit.press("^Simpan|^Tayangkan")
        visit.says("tersimpan")
        visit.look("seller-product")
        visit.link("Lihat di toko|^Lihat")
        page.get_by_role("heading", name=name, level=1).wait_for()
        visit.says("dibuat sesuai pesanan")
        visit.look("seller-product-live")
        address = page.url
        page.go_back()
        page.locator("fieldset.variant").first.get_by_label("Harga", exact=True).fill("70000")
        visit.press("^Simpan")
        page.goto(address)
        visit.says("Rp70.000")
        page.go_back()
        page.get_by_label("Tampil di toko").uncheck()
        visit.press("^Simpan")
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 404

    def own_money_buys_of_two(self) -> list[str]:
        """The two orders, the coffee's first."""
        visit, page = self.visit, self.visit.page
        visit.sign_in(self.cast.buyer)
        self.fill_cart("cart")
        page.get_by_label("Uang sendiri").check()
        page.get_by_label("Kantor saya").first.check()
        page.wait_for_load_state("networkidle")
        visit.look("checkout-personal")
        visit.press("^Bayar Rp")
        visit.says("Simulasi pembayaran")
        visit.look("sandbox")
        visit.press("^Bayar Rp")
        page.get_by_text("Simulasi pembayaran").wait_for(state="detached")
        visit.says("sudah kami terima")
        visit.look("purchase-paid")
        return self.numbers()

    def the_agency_is_asked(self) -> list[str]:
        visit, page = self.visit, self.visit.page
        self.fill_cart("cart-official")
        page.get_by_label("Dana instansi (APBD)").check()
        page.wait_for_load_state("networkidle")
        page.get_by_label("Keperluan").fill("Konsumsi rapat koordinasi")
        usual = page.get_by_label("Kegiatan").input_value()
        self.choose_activity(NARROW[0])
        visit.press("Minta persetujuan")
        visit.says(self.cast.above_budget)
        visit.look("checkout-refused")
        assert page.get_by_label("Keperluan").input_value() == "Konsumsi rapat koordinasi"
        self.choose_activity(usual)
        visit.look("checkout-official")
        visit.press("Minta persetujuan")
        visit.says("sudah dikirim")
        visit.look("purchase-asked")
        return self.numbers()

    def the_approver_approves(self, numbers: list[str]) -> None:
        visit = self.visit
        visit.sign_in(self.cast.approver)
        visit.to_work("Buka ruang instansi")
        visit.look("agency-home")
        for number in numbers:
            visit.menu("Persetujuan|Setujui")
            visit.look("approvals")
            self.open_number(number)
            visit.look("approval")
            visit.press("^Setujui Rp")
            visit.says(f"Permintaan {number} disetujui")
            visit.look("approved")

    def the_seller_sends(self, number: str) -> None:
        visit, page = self.visit, self.visit.page
        visit.sign_in(COFFEE_SELLER)
        visit.to_work("Buka ruang penjual")
        visit.menu("Pesanan")
        visit.look("seller-orders")
        self.open_number(number)
        visit.look("seller-order")
        visit.press("Terima pesanan")
        page.get_by_label("Keterangan pengiriman").fill("D 1234, Pak Ujang")
        visit.press("Tandai dikirim")
        visit.says("ditandai dikirim")
        visit.look("seller-order-sent")

    def the_seller_declines(self, number: str) -> None:
        visit, page = self.visit, self.visit.page
        visit.sign_in(BATIK_SELLER)
        visit.to_work("Buka ruang penjual")
        visit.menu("Pesanan")
        self.open_number(number)
        visit.link("Tidak sanggup")
        page.get_by_label("Alasan").last.fill("Kainnya habis sampai pekan depan.")
        visit.press("Nyatakan tidak sanggup")
        visit.says("tidak sanggup")
        visit.look("seller-order-declined")

    def the_buyer_receives(self, received: str, refunded: str) -> None:
        visit = self.visit
        visit.sign_in(self.cast.buyer)
        self.own_orders()
        visit.look("orders")
        self.open_number(received)
        visit.look("order")
        visit.press("Barang sudah|[Tt]erima")
        visit.says("sudah tercatat")
        visit.look("order-received")
        self.own_orders()
        self.open_number(refunded)
        visit.says("dikembalikan")
        visit.look("order-refunded")

    def the_treasurer_pays(self, number: str) -> None:
        visit, page = self.visit, self.visit.page
        visit.sign_in(self.cast.treasurer)
        visit.to_work("Buka ruang instansi")
        visit.menu("Pembayaran|Bayar")
        visit.look("payments")
        self.open_number(number)
        page.locator("input[name=method][value=up_gu]").check()
        page.get_by_label("Nomor bukti").fill(f"KW/{number}")
        visit.look("payment")
        visit.press("Catat pembayaran")
        visit.says("dihitung sebagai realisasi")
        visit.look("payment-recorded")

    def procurement_reads_and_exports(self, number: str, folder: Path) -> None:
        visit, year = self.visit, str(city_day(datetime.now(UTC)).year)
        visit.sign_in(self.cast.procurement)
        visit.to_work("Buka ruang instansi")
        visit.menu("Kuota")
        visit.says("40")
        visit.look("quota")
        visit.menu("Ekspor")
        visit.look("exports")
        for form in ("csv", "xlsx"):
            file = self.download(form, folder)
            same = folder / f"command.{form}"
            visit.demo.flask(
                "export", "orders", "--agency", self.cast.agency_code, "--year", year,
                "--format", form, "-o", str(same),
            )  # fmt: skip
            assert file.read_bytes() == same.read_bytes(), form
            visit.demo.flask("export", "verify", str(same))
        assert number in (folder / "command.csv").read_text(encoding="utf-8")

    def an_employee_comes_moves_and_goes(self) -> None:
        visit, page = self.visit, self.visit.page
        day = city_day(datetime.now(UTC))
        visit.sign_in(CASTS["phone"].procurement)
        visit.to_work("Buka ruang instansi")
        visit.menu("Pegawai")
        visit.look("roster")
        visit.link("Tambah pegawai")
        page.get_by_label("PNS", exact=True).check()
        page.get_by_label("NIP atau NI PPPK").fill(self.cast.newcomer)
        page.get_by_label("Nama lengkap").fill(f"Mimin Rukmini {visit.size}")
        page.get_by_label("Jabatan").fill("Perencana Ahli Muda")
        visit.look("employee-new")
        visit.press("Tambah pegawai")
        visit.link("Mimin Rukmini")
        visit.look("placement")
        page.get_by_label("Peran", exact=True).select_option("treasurer")
        visit.press("Beri peran|Tambah peran|Berikan|Usulkan")
        visit.says("berlaku setelah orang kedua")
        visit.look("placement-role")
        page.get_by_label("Mulai").fill((day + timedelta(days=7)).isoformat())
        page.get_by_label("Pembeli").check()
        visit.press("Pindahkan")
        visit.says("dipindahkan")
        visit.look("placement-moved")
        visit.main.get_by_role("link", name="Mimin Rukmini").last.click()
        page.get_by_label("Hari terakhir").fill((day + timedelta(days=30)).isoformat())
        visit.press("Akhiri")
        visit.says("diakhiri")
        visit.look("placement-ended")

    def the_city_sees_and_confirms(self) -> None:
        visit = self.visit
        visit.sign_in(CITY_ADMIN)
        visit.to_work("Buka ruang kota")
        visit.look("city-home")
        visit.menu("Instansi")
        visit.says("Dinas Kesehatan")
        visit.look("city-agencies")
        visit.link(self.cast.agency)
        visit.look("city-agency")
        visit.menu("Penjual")
        visit.look("city-sellers")
        visit.link(self.cast.applicant)
        visit.look("city-seller")
        visit.press("Verifikasi dan buka toko")
        visit.says("Berjualan")
        visit.look("city-seller-verified")
        visit.menu("Konfirmasi")
        visit.look("city-confirmations")
        visit.press(f"Konfirmasi.*Mimin Rukmini {visit.size}")
        visit.says("Dikonfirmasi; mulai berlaku.")
        visit.look("city-confirmed")

    def the_city_takes_lists(self, folder: Path) -> None:
        """A budget revision of the command line is confirmed; two lists come by page."""
        visit, page, cast = self.visit, self.visit.page, self.cast
        document = f"DPPA-{cast.agency_code}-{visit.size}"
        file = self.narrowed(folder / "budgets.csv", document)
        visit.demo.flask("budgets", "import", "--dry-run", str(file))
        visit.demo.flask("budgets", "import", str(file))
        visit.sign_in(CITY_ADMIN)
        visit.to_work("Buka ruang kota")
        visit.menu("Konfirmasi")
        visit.look("city-budgets")
        visit.press(f"Konfirmasi.*{document}")
        visit.says("Dikonfirmasi; mulai berlaku.")
        visit.menu("Impor")
        visit.look("city-imports")
        unit = (f"KB-X{visit.size[:1].upper()}", f"UPT Uji {visit.size}", "unit", cast.agency_code)
        self.upload(
            written(folder / "agencies.csv", ("code", "name", "kind", "parent_code"), [unit])
        )
        visit.link("Daftar pegawai")
        page.get_by_label("Instansi", exact=True).select_option(cast.agency_code)
        employee = (cast.on_the_roster, "pns", f"Ujang Solihin {visit.size}", "", "Perencana")
        place = (cast.agency_code, "definitive", "buyer", "2026-01-02", "")
        file = folder / "roster.csv"
        self.upload(
            written(file, roster.COLUMNS, [("1987", *employee[1:], *place)]),
            "Yang perlu diperbaiki di berkas",
        )
        visit.look("city-imports-wrong")
        self.upload(written(file, roster.COLUMNS, [(*employee, *place)]))
        visit.look("city-imported")

    def the_auditor_reads(self) -> None:
        visit = self.visit
        visit.sign_in(AUDITOR)
        visit.to_work("Buka ruang")
        visit.look("audit")

    def narrowed(self, file: Path, document: str) -> Path:
        """The agency's budget as its procurement officer downloads it, with one more activity."""
        visit = self.visit
        visit.sign_in(self.cast.procurement)
        visit.to_work("Buka ruang instansi")
        visit.menu("Pagu")
        visit.look("budget")
        with visit.page.expect_download() as waiting:
            visit.link("Unduh pagu sekarang")
        waiting.value.save_as(file)
        with file.open(encoding="utf-8-sig", newline="") as read:
            rows = list(csv.DictReader(read, delimiter=";"))
        total, *lines = rows
        total["amount"] = str(int(total["amount"]) + 50_000)
        more = {"activity_code": NARROW[0], "activity_name": NARROW[1], "expense_account": FOOD}
        lines.append(lines[0] | more | {"amount": "50000"})
        told = [row | {"document_number": document} for row in [total, *lines]]
        return written(file, tuple(total), [tuple(row.values()) for row in told])

    def upload(self, file: Path, answer: str = "Berkas diterima seluruhnya.") -> None:
        self.visit.page.locator("input[type=file]").set_input_files(file)
        self.visit.press("^Impor$")
        self.visit.says(answer)

    def choose_activity(self, code: str) -> None:
        """The page counts again what is left."""
        with self.visit.page.expect_response(lambda answer: "/checkout" in answer.url):
            self.visit.page.get_by_label("Kegiatan").select_option(code)
        self.visit.page.wait_for_load_state("networkidle")

    @property
    def applicants_mail(self) -> str:
        return f"usaha-{self.visit.size}@penjual.example"

    def search(self, words: str) -> None:
        page = self.visit.page
        page.get_by_label("Cari barang, jasa, atau penjual").first.fill(words)
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/products\?.*q="))

    def fill_cart(self, name: str) -> None:
        """From two shops, and on to the page of the funds."""
        visit = self.visit
        for words, product in (
            ("robusta ciwidey", "Robusta Ciwidey"),
            ("kain batik cap kawung", "Kain Batik Cap Kawung"),
        ):
            visit.go("/products")
            self.search(words)
            visit.link(product)
            visit.press("Masukkan|keranjang")
        visit.says(COFFEE)
        visit.says(BATIK)
        visit.look(name)
        visit.press("Lanjut|Checkout|Pesan")

    def numbers(self) -> list[str]:
        """Of the orders that a purchase's page shows."""
        shown = self.visit.main.inner_text()
        return sorted(set(re.findall(r"P-[0-9A-Z]{10}-[0-9]+", shown)))

    def own_orders(self) -> None:
        self.visit.page.locator(
            "header a[href='/orders']:visible, nav.bottom-bar a[href='/orders']:visible"
        ).first.click()
        self.visit.page.wait_for_load_state()

    def open_number(self, number: str) -> None:
        """Follow the first link that leads to an order."""
        self.visit.main.locator(f"a[href*='{number}']").first.click()
        self.visit.page.wait_for_url(re.compile(number))

    def photograph(self) -> None:
        content, name = photograph(name=f"kopi-{self.visit.size}.png")
        self.visit.page.locator("input[name=picture]").set_input_files(
            {"name": name, "mimeType": "image/png", "buffer": content.getvalue()}
        )

    def download(self, form: str, folder: Path) -> Path:
        page = self.visit.page
        page.locator("input[name=export][value=orders], input[name=kind][value=orders]").check()
        page.locator(f"input[name=format][value='{form}']").check()
        self.visit.press("Buat berkas")
        with page.expect_download() as waiting:
            self.visit.link("Unduh berkas")
        target = folder / f"page.{form}"
        waiting.value.save_as(target)
        return target


def written(file: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([columns, *rows])
    return file


def test_the_store_opens(visit: Visit, tmp_path: Path) -> None:
    story = Story(visit, CASTS[visit.size])
    story.a_visitor_browses()
    story.a_seller_to_be_applies()
    story.a_seller_lists_changes_and_takes_down()
    story.the_city_takes_lists(tmp_path)
    own_coffee, own_batik = story.own_money_buys_of_two()
    asked_coffee, asked_batik = story.the_agency_is_asked()
    story.the_approver_approves([asked_coffee, asked_batik])
    story.the_seller_declines(own_batik)
    story.the_seller_sends(asked_coffee)
    story.the_buyer_receives(asked_coffee, own_batik)
    story.the_treasurer_pays(asked_coffee)
    story.procurement_reads_and_exports(asked_coffee, tmp_path)
    story.an_employee_comes_moves_and_goes()
    story.the_city_sees_and_confirms()
    story.the_auditor_reads()
    assert own_coffee
    assert visit.demo.flask("ledger", "verify")
    assert visit.demo.flask("ledger", "reconcile")
