"""Files that prove a correction: a PDF as it is, a picture made anew; anything else is refused.

What a file is, its first bytes say, and not its name or what a browser calls it. A picture is
decoded and encoded again, so nothing that was hidden in it is kept, nor where it was taken. A PDF
cannot be made anew here: it is bounded, must look like one from end to end, and may name nothing
that runs or hides another file; and it is only ever handed out as a download.
"""

from dataclasses import dataclass
from hashlib import sha256

from storefront.core.errors import N_, DomainError
from storefront.core.media import reencode
from storefront.core.text import one_line

MOST_BYTES = 5_000_000
LONGEST_NAME = 120
PICTURE_LONGEST_SIDE = 2_000
"""Enough to read a receipt."""
PDF, WEBP = "application/pdf", "image/webp"

_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_RUNS_OR_HIDES = (b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/RichMedia", b"/Encrypt")
_TAIL = 2_048


class EvidenceTooLarge(DomainError):
    code = "evidence_too_large"
    message = N_("Berkas ini lebih dari %(megabytes)d MB. Pindai dengan resolusi lebih rendah.")
    field = "evidence"


class EvidenceUnreadable(DomainError):
    code = "evidence_unreadable"
    message = N_("Kirim bukti sebagai PDF, JPG, atau PNG yang utuh. Isi berkas ini bukan itu.")
    field = "evidence"


class EvidenceUnsafe(DomainError):
    code = "evidence_unsafe"
    message = N_(
        "PDF ini terkunci, atau memuat skrip atau berkas lain di dalamnya. Cetak ulang ke PDF"
        " biasa."
    )
    field = "evidence"


@dataclass(frozen=True)
class Evidence:
    """A file as it will be kept."""

    file_name: str
    media_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()


def read_evidence(file_name: str, content: bytes) -> Evidence:
    """What is kept of a file that somebody sent. Slow for a picture: outside of a transaction.

    Raises `EvidenceTooLarge`, `EvidenceUnreadable`, `EvidenceUnsafe`, or what pictures raise
    (`NotAPicture`, `PictureTooLarge`).
    """
    if len(content) > MOST_BYTES:
        raise EvidenceTooLarge(megabytes=MOST_BYTES // 1_000_000)
    stem = _stem(file_name)
    if content.startswith(_PICTURES):
        picture = reencode(content, longest_side=PICTURE_LONGEST_SIDE)
        return Evidence(f"{stem}.webp", WEBP, picture)
    if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-_TAIL:]:
        raise EvidenceUnreadable
    if any(name in content for name in _RUNS_OR_HIDES):
        raise EvidenceUnsafe
    return Evidence(f"{stem}.pdf", PDF, content)


def _stem(file_name: str) -> str:
    """A name that can stand in a header: no folder, no extension of the sender's."""
    name = one_line(file_name.replace("\\", "/").rsplit("/", 1)[-1])
    stem = "".join(c if c.isalnum() or c in " -_" else "-" for c in name.rsplit(".", 1)[0])
    return stem.strip(" -")[: LONGEST_NAME - 10] or "bukti"
