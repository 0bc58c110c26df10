"""The code for show: well formed, and nobody's."""

from storefront.payments.sandbox.qris import crc16, qris_payload


def test_the_code_carries_its_checksum_and_names_no_real_merchant() -> None:
    payload = qris_payload(
        amount=15_000, reference="P-7K3M9Q2T4V", merchant="Salapak", city="Kota Bandung"
    )
    assert payload.startswith("000201010212")
    assert "5405150005802ID" in payload
    assert "SIMULASI Salapak" in payload
    assert payload[-8:-4] == "6304"


def test_the_checksum_is_that_of_the_specification() -> None:
    assert crc16(b"123456789") == 0x29B1
