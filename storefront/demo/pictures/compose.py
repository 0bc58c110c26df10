"""Composes the demo's product pictures from Fluent Emoji 3D drawings: see README.md here.

    python storefront/demo/pictures/compose.py ASSETS

ASSETS is the folder `assets` of the npm package `@lobehub/fluent-emoji-3d`. Needs Pillow. Every
row of `recipes.csv` becomes one WebP file; the same recipes and drawings give the same pictures.
"""

import csv
import sys
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

HERE = Path(__file__).parent
SIDE = 640
QUALITY = 82
FAINT = 12  # alpha below which a drawing's edge is not seen
GROUNDS = {  # above, below
    "butter": ((252, 243, 208), (244, 224, 158)),
    "mint": ((222, 244, 237), (191, 229, 218)),
    "blush": ((250, 228, 222), (241, 205, 197)),
    "sand": ((247, 237, 217), (236, 217, 184)),
    "sky": ((226, 238, 247), (196, 218, 233)),
    "lilac": ((235, 230, 247), (212, 203, 236)),
    "sage": ((229, 241, 228), (202, 225, 203)),
    "clay": ((243, 227, 216), (226, 199, 181)),
}
# Per number of drawings: size, middle (x, y) and tilt, in hundredths of the side and degrees.
# The last one stands in front.
PLACES = {
    1: ((60, 50, 50, 0),),
    2: ((50, 42, 46, -4), (33, 70, 63, 7)),
    3: ((39, 33, 44, -6), (39, 66, 41, 5), (32, 53, 67, 0)),
}
REPEATED = {
    2: ((33, 65, 38, 12), (47, 42, 54, -6)),
    3: ((31, 33, 39, -12), (31, 66, 37, 14), (34, 50, 64, 0)),
}


@dataclass(frozen=True)
class Layer:
    """One drawing in a picture."""

    code: str
    hue: int = 0  # degrees the colours are turned by
    saturation: int = 100  # per cent
    mirrored: bool = False
    scale: int = 100  # per cent of the place's size


def read_layer(text: str) -> Layer:
    """Read `code[,hue=40][,sat=60][,scale=90][,mirror]`."""
    code, *options = text.split(",")
    given = dict(option.split("=") for option in options if "=" in option)
    return Layer(
        code=code,
        hue=int(given.get("hue", "0")),
        saturation=int(given.get("sat", "100")),
        mirrored="mirror" in options,
        scale=int(given.get("scale", "100")),
    )


def compose(assets: Path, ground: str, layers: list[Layer]) -> Image.Image:
    """Return the picture of `layers` on `ground`."""
    picture = _ground(*GROUNDS[ground])
    same = len({layer.code for layer in layers}) == 1 and len(layers) > 1
    places = (REPEATED if same else PLACES)[len(layers)]
    for layer, (size, x, y, tilt) in zip(layers, places, strict=True):
        drawing = _drawing(assets, layer, SIDE * size * layer.scale // 10_000, tilt)
        left = SIDE * x // 100 - drawing.width // 2
        top = SIDE * y // 100 - drawing.height // 2
        picture.alpha_composite(_shadow(drawing, left, top))
        picture.alpha_composite(drawing, (left, top))
    return picture.convert("RGB")


def _ground(above: tuple[int, int, int], below: tuple[int, int, int]) -> Image.Image:
    """A wall, a floor from two thirds down, and light from the left."""
    column = Image.new("RGB", (1, SIDE))
    floor = SIDE * 67 // 100
    for y in range(SIDE):
        share = y / SIDE * 0.75 + (0.16 * max(0.0, 1 - abs(y - floor) / 40) if y >= floor else 0)
        column.putpixel(
            (0, y), tuple(round(a + (b - a) * share) for a, b in zip(above, below, strict=True))
        )
    wall = column.resize((SIDE, SIDE)).convert("RGBA")
    light = Image.new("L", (SIDE, SIDE), 0)
    ImageDraw.Draw(light).ellipse((-80, -120, SIDE * 3 // 4, SIDE * 2 // 3), fill=110)
    light = light.filter(ImageFilter.GaussianBlur(110))
    wall.paste(Image.new("RGBA", wall.size, (255, 255, 255, 255)), (0, 0), light)
    return wall


def _drawing(assets: Path, layer: Layer, longest: int, tilt: int) -> Image.Image:
    drawing = Image.open(assets / f"{layer.code}.webp").convert("RGBA")
    drawing = drawing.crop(
        drawing.getchannel("A").point([255 * (alpha > FAINT) for alpha in range(256)]).getbbox()
    )
    if layer.mirrored:
        drawing = drawing.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if layer.hue or layer.saturation != 100:  # noqa: PLR2004 - per cent
        drawing = _recoloured(drawing, layer.hue, layer.saturation)
    factor = longest / max(drawing.size)
    size = (round(drawing.width * factor), round(drawing.height * factor))
    drawing = drawing.resize(size, Image.Resampling.LANCZOS)
    return drawing.rotate(-tilt, Image.Resampling.BICUBIC, expand=True) if tilt else drawing


def _recoloured(drawing: Image.Image, turn: int, saturation: int) -> Image.Image:
    hue, sat, value = drawing.convert("RGB").convert("HSV").split()
    turned = Image.merge(
        "HSV",
        (
            hue.point([(step + turn * 256 // 360) % 256 for step in range(256)]),
            sat.point([min(255, step * saturation // 100) for step in range(256)]),
            value,
        ),
    ).convert("RGB")
    turned.putalpha(drawing.getchannel("A"))
    return turned


def _shadow(drawing: Image.Image, left: int, top: int) -> Image.Image:
    """A soft pool of shade at the drawing's foot, drawn out to the right."""
    shade = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
    foot = top + drawing.height - SIDE // 60
    height = drawing.width // 9
    ImageDraw.Draw(shade).ellipse(
        (left + drawing.width // 14, foot - height, left + drawing.width * 21 // 20, foot + height),
        fill=(64, 48, 30, 96),
    )
    return shade.filter(ImageFilter.GaussianBlur(17))


def main(assets: Path) -> None:
    """Write every picture of `recipes.csv` beside it."""
    with (HERE / "recipes.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            layers = [read_layer(text) for text in row["layers"].split()]
            picture = compose(assets, row["ground"], layers)
            picture.save(HERE / f"{row['key']}.webp", quality=QUALITY, method=6)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
