"""Files that prove a correction: what is kept of them, and what is refused."""

from io import BytesIO

import pytest
from PIL import Image

from storefront.core.errors import DomainError
from storefront.core.media import NotAPicture
from storefront.quota.evidence import (
    MOST_BYTES,
    EvidenceTooLarge,
    EvidenceUnreadable,
    EvidenceUnsafe,
    read_evidence,
)

PAPER = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"


def photo(kind: str = "JPEG", **options: object) -> bytes:
    file = BytesIO()
    Image.new("RGB", (3_000, 1_500), "teal").save(file, kind, **options)
    return file.getvalue()


def test_a_pdf_is_kept_as_it_is() -> None:
    kept = read_evidence("Nota 77.PDF", PAPER)
    assert (kept.file_name, kept.media_type, kept.content) == (
        "Nota 77.pdf",
        "application/pdf",
        PAPER,
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_is_made_anew_and_bounded(kind: str) -> None:
    kept = read_evidence("IMG_1.jpg", photo(kind))
    assert (kept.file_name, kept.media_type) == ("IMG_1.webp", "image/webp")
    assert Image.open(BytesIO(kept.content)).size == (2_000, 1_000)


def test_where_a_picture_was_taken_is_not_kept() -> None:
    exif = Image.Exif()
    exif[0x010E] = "Rumah Bu Entin"
    kept = read_evidence("a.jpg", photo(exif=exif))
    assert b"Entin" not in kept.content
    assert not Image.open(BytesIO(kept.content)).getexif()


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", EvidenceUnreadable),
        (b"<html><script>alert(1)</script>", EvidenceUnreadable),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", EvidenceUnreadable),
        (b"PK\x03\x04 a spreadsheet", EvidenceUnreadable),
        (b"<html>" + PAPER, EvidenceUnreadable),
        (PAPER.replace(b"%%EOF", b""), EvidenceUnreadable),
        (PAPER.replace(b"/Type", b"/OpenAction << /S /JavaScript >> /Type"), EvidenceUnsafe),
        (PAPER.replace(b"/Type", b"/EmbeddedFiles /Type"), EvidenceUnsafe),
        (b"\xff\xd8\xff" + b"<script>", NotAPicture),
        (photo()[:400], NotAPicture),
        (b"%PDF-" + b"0" * MOST_BYTES + b"%%EOF", EvidenceTooLarge),
    ],
)
def test_anything_else_is_refused(content: bytes, refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        read_evidence("bukti.pdf", content)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ('a"; filename=x.html', "a-- filename-x.pdf"),
        ("C:\\Nota\\nota.exe", "nota.pdf"),
        ("", "bukti.pdf"),
        ("n" * 500, "n" * 110 + ".pdf"),
    ],
)
def test_a_name_can_stand_in_a_header(sent: str, kept: str) -> None:
    assert read_evidence(sent, PAPER).file_name == kept
