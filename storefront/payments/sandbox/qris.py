"""A QRIS code for show: EMVCo's fields with their checksum, for a merchant that no bank knows."""

CRC_START, CRC_POLYNOMIAL, WORD = 0xFFFF, 0x1021, 0xFFFF
TOP_BIT = 0x8000
LONGEST = 99


def qris_payload(*, amount: int, reference: str, merchant: str, city: str) -> str:
    """The text of a dynamic code over so many rupiah. Every name in it says SIMULASI."""
    account = _field("00", "ID.CO.SIMULASI") + _field("01", "SIMULASI")
    fields = (
        _field("00", "01"),
        _field("01", "12"),  # for one payment
        _field("26", account),
        _field("52", "0000"),
        _field("53", "360"),  # rupiah
        _field("54", str(amount)),
        _field("58", "ID"),
        _field("59", f"SIMULASI {merchant}"[:25]),
        _field("60", city[:15]),
        _field("62", _field("01", reference[:25])),
    )
    body = "".join(fields) + "6304"
    return f"{body}{crc16(body.encode()):04X}"


def _field(tag: str, value: str) -> str:
    if len(value) > LONGEST:
        raise ValueError(f"field {tag} is too long: {value!r}")
    return f"{tag}{len(value):02}{value}"


def crc16(data: bytes) -> int:
    """CRC-16/CCITT-FALSE, as EMVCo's specification of merchant codes wants it."""
    crc = CRC_START
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ CRC_POLYNOMIAL if crc & TOP_BIT else crc << 1
        crc &= WORD
    return crc
