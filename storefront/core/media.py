"""Pictures: whatever a person sends becomes a few small WebP files, or is refused.

Nothing of the original is kept: not its container, its metadata (a phone writes where it was
taken) nor anything hidden behind its pixels. Memory is bounded by its declared size, which is
looked at before a pixel is decoded.
"""

import os
import struct
import zlib
from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import BoundedSemaphore
from typing import Protocol

from PIL import Image, ImageOps

from storefront.core.errors import N_, DomainError

WIDTHS = (320, 640, 1280)
"""The longest side of the files made of a picture: cards, phones, a page of its own."""
MOST_WIDTH = max(WIDTHS)
FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 8_000_000
MOST_PIXELS: Mapping[str, int] = {"JPEG": 64_000_000, "PNG": 24_000_000, "WEBP": 24_000_000}
"""A JPEG is decoded at a fraction of its size; of the others 24 million take 96 MB for a while."""
AT_ONCE = BoundedSemaphore(2)
"""How many pictures a process decodes at a time."""
QUALITY = 82
_BROKEN = (
    OSError,  # also UnidentifiedImageError and truncated files
    SyntaxError,  # a PNG with a broken chunk
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    MemoryError,
    struct.error,
    zlib.error,
)
"""What Pillow is known to raise over files made to break it."""


class NotAPicture(DomainError):
    code = "not_a_picture"
    message = N_("Berkas ini bukan gambar JPG, PNG, atau WebP yang utuh. Pilih gambar lain.")
    field = "picture"


class PictureTooLarge(DomainError):
    code = "picture_too_large"
    message = N_(
        "Gambar ini terlalu besar. Paling banyak %(megabytes)s MB dan %(megapixels)s juta titik."
    )
    field = "picture"


class MediaStore(Protocol):
    """Where files lie, by name. A name is written once, and means the same for ever."""

    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""

    def write(self, name: str, content: bytes) -> None:
        """Keep a file, whole or not at all."""

    def read(self, name: str) -> bytes:
        """A file's content. Raises FileNotFoundError."""


class FolderStore:
    """A folder of the machine."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def has(self, name: str) -> bool:
        return self._path(name).is_file()

    def write(self, name: str, content: bytes) -> None:
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            file.write(content)
        Path(file.name).chmod(0o644)
        os.replace(file.name, path)  # noqa: PTH105 - a reader sees the whole file or none

    def read(self, name: str) -> bytes:
        return self._path(name).read_bytes()

    def _path(self, name: str) -> Path:
        path = self.root / name
        if not path.resolve().is_relative_to(self.root.resolve()):
            raise FileNotFoundError(name)
        return path


def file_name(key: str, width: int) -> str:
    """The name of a picture's file of a width: `ab/abcdef...-640.webp`."""
    return f"{key[:2]}/{key}-{width}.webp"


def take_in(store: MediaStore, content: bytes) -> str:
    """Make the files of a picture and return its key, the digest of what was sent.

    What was taken in before is not made again. Call it outside a transaction: it is slow, and a
    rollback afterwards leaves files that nothing points to, and no harm.
    Raises `NotAPicture` or `PictureTooLarge`.
    """
    if len(content) > MOST_BYTES:
        raise _too_large("JPEG")
    key = sha256(content).hexdigest()
    if all(store.has(file_name(key, width)) for width in WIDTHS):
        return key
    for width, made in _made(content).items():
        store.write(file_name(key, width), made)
    return key


def reencode(content: bytes, *, longest_side: int) -> bytes:
    """A picture as one WebP file of ours, no larger than so many dots a side; for who keeps it.

    Raises `NotAPicture` or `PictureTooLarge`.
    """
    if len(content) > MOST_BYTES:
        raise _too_large("JPEG")
    with AT_ONCE:
        picture = _decoded(content, longest_side)
        picture.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS)
        return _webp(picture)


def _made(content: bytes) -> dict[int, bytes]:
    """The files by width. A small picture is never blown up: it is the same in all of them."""
    made: dict[int, bytes] = {}
    by_size: dict[tuple[int, int], bytes] = {}
    with AT_ONCE:
        picture = _decoded(content)
        for width in sorted(WIDTHS, reverse=True):
            picture.thumbnail((width, width), Image.Resampling.LANCZOS)
            if picture.size not in by_size:
                by_size[picture.size] = _webp(picture)
            made[width] = by_size[picture.size]
    return made


def _decoded(content: bytes, longest_side: int = MOST_WIDTH) -> Image.Image:
    """The first frame, upright, on white, not much larger than it will be needed."""
    try:
        picture: Image.Image = Image.open(BytesIO(content), formats=FORMATS)
        kind = picture.format or ""
        if picture.width * picture.height > MOST_PIXELS[kind]:
            raise _too_large(kind)
        picture.draft("RGB", (longest_side, longest_side))  # a JPEG's decoder then skips most of it
        picture.load()
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
        picture.thumbnail((2 * longest_side, 2 * longest_side), Image.Resampling.BOX)
        picture = ImageOps.exif_transpose(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large("JPEG") from None
    except _BROKEN:
        raise NotAPicture from None
    if picture.mode == "RGB":
        return picture
    on_white = Image.new("RGBA", picture.size, "white")
    on_white.alpha_composite(picture)
    return on_white.convert("RGB")


def _webp(picture: Image.Image) -> bytes:
    """Without what the file carried beside its pixels: `save` writes EXIF and profiles else."""
    bare = Image.frombytes("RGB", picture.size, picture.tobytes())
    file = BytesIO()
    bare.save(file, "WEBP", quality=QUALITY, method=4)
    return file.getvalue()


def _too_large(kind: str) -> PictureTooLarge:
    return PictureTooLarge(
        megabytes=MOST_BYTES // 1_000_000, megapixels=MOST_PIXELS[kind] // 1_000_000
    )
