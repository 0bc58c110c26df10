"""Pictures in: what is made of them, and what is refused."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from storefront.core.media import (
    MOST_BYTES,
    WIDTHS,
    FolderStore,
    NotAPicture,
    PictureTooLarge,
    file_name,
    take_in,
)


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "media")


def picture(
    width: int = 2000,
    height: int = 1000,
    kind: str = "JPEG",
    mode: str = "RGB",
    colour: str | int = "teal",
    **options: object,
) -> bytes:
    file = BytesIO()
    Image.new(mode, (width, height), colour).save(file, kind, **options)
    return file.getvalue()


def made(store: FolderStore, key: str, width: int) -> Image.Image:
    image = Image.open(BytesIO(store.read(file_name(key, width))))
    image.load()
    return image


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 100)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_becomes_webp_files_of_each_width(store: FolderStore, kind: str) -> None:
    key = take_in(store, picture(2000, 1000, kind))
    sizes = {width: made(store, key, width).size for width in WIDTHS}
    assert sizes == {320: (320, 160), 640: (640, 320), 1280: (1280, 640)}
    assert made(store, key, 320).format == "WEBP"


def test_a_small_picture_is_not_blown_up(store: FolderStore) -> None:
    key = take_in(store, picture(400, 300))
    assert made(store, key, 1280).size == (400, 300)
    assert made(store, key, 320).size == (320, 240)


def test_the_same_picture_has_the_same_key_and_is_made_once(store: FolderStore) -> None:
    content = picture()
    key = take_in(store, content)
    first = (store.root / file_name(key, 320)).stat().st_mtime_ns
    assert take_in(store, content) == key
    assert (store.root / file_name(key, 320)).stat().st_mtime_ns == first


def test_where_a_photo_was_taken_is_not_kept(store: FolderStore) -> None:
    exif = Image.Exif()
    exif[0x010E] = "rumah Bu Euis"
    exif.get_ifd(0x8825)[1] = "S"
    key = take_in(store, picture(exif=exif, comment=b"rahasia"))
    for width in WIDTHS:
        content = store.read(file_name(key, width))
        assert b"rumah" not in content
        assert b"rahasia" not in content
        assert not made(store, key, width).getexif()


def test_a_photo_that_was_held_sideways_stands_upright(store: FolderStore) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    key = take_in(store, picture(800, 400, exif=exif))
    assert made(store, key, 1280).size == (400, 800)


def test_what_is_transparent_becomes_white(store: FolderStore) -> None:
    clear = picture(64, 64, "PNG", "RGBA", "#00000000")
    assert made(store, take_in(store, clear), 320).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "RGBA"])
def test_every_kind_of_png_is_understood(store: FolderStore, mode: str) -> None:
    content = picture(64, 64, "PNG", mode, 0)
    assert made(store, take_in(store, content), 320).size == (64, 64)


def test_a_picture_for_print_is_understood(store: FolderStore) -> None:
    content = picture(64, 64, "JPEG", "CMYK", 0)
    assert made(store, take_in(store, content), 320).mode == "RGB"


def test_of_an_animation_the_first_picture_is_taken(store: FolderStore) -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "green", "blue")]
    file = BytesIO()
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    shown = made(store, take_in(store, file.getvalue()), 320)
    red, green = shown.tobytes()[:2]
    assert red > 240
    assert green < 10


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html>kopi.jpg</html>",
        b"GIF89a" + bytes(100),
        picture(64, 64, "GIF", "P", 0),
        picture(64, 64, "TIFF"),
        picture()[:500],
        picture(300, 300, "PNG")[:400],
    ],
    ids=["empty", "svg", "html", "gif", "whole gif", "tiff", "cut jpeg", "cut png"],
)
def test_what_is_no_whole_picture_is_refused(store: FolderStore, content: bytes) -> None:
    with pytest.raises(NotAPicture):
        take_in(store, content)


def test_what_is_hidden_behind_a_picture_is_not_kept(store: FolderStore) -> None:
    key = take_in(store, picture(64, 64) + b"PK\x03\x04<script>alert(1)</script>")
    assert b"script" not in store.read(file_name(key, 320))


@pytest.mark.parametrize("side", [5_000, 12_000, 50_000])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(
    store: FolderStore, side: int
) -> None:
    with pytest.raises(PictureTooLarge):
        take_in(store, png_that_claims(side, side))


def test_too_many_bytes_are_refused(store: FolderStore) -> None:
    with pytest.raises(PictureTooLarge):
        take_in(store, bytes(MOST_BYTES + 1))


def test_a_name_does_not_lead_out_of_the_folder(store: FolderStore) -> None:
    with pytest.raises(FileNotFoundError):
        store.read("../../etc/passwd")


SOUND = {kind: picture(48, 32, kind) for kind in ("JPEG", "PNG", "WEBP")}


@pytest.mark.filterwarnings("ignore")  # of Pillow, about what it finds in broken files
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(SOUND)), st.data())
def test_a_damaged_picture_is_taken_or_refused_and_nothing_else(
    store: FolderStore, kind: str, data: st.DataObject
) -> None:
    content = bytearray(SOUND[kind])
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    try:
        key = take_in(store, bytes(content))
    except (NotAPicture, PictureTooLarge):
        return
    assert made(store, key, 320).format == "WEBP"
