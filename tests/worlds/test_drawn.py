"""Drawings are trimmed and made bold; photographs, full-bleed pictures and pictures made small already stay."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tina.blueprints import get_blueprint
from tina.worlds import drawn
from tina.worlds.drawn import drawing, prepared


def sketch(
    size: tuple[int, int] = (320, 320),
    box: tuple[int, int, int, int] = (200, 40, 260, 80),
    width: int = 1,
    ink: tuple[int, int, int] = (28, 25, 23),
    paper: tuple[int, int, int] = (255, 255, 255),
) -> Image.Image:
    image = Image.new("RGB", size, paper)
    pen = ImageDraw.Draw(image)
    pen.ellipse(box, outline=ink, width=width)
    pen.line([box[:2], box[2:]], fill=ink, width=width)
    return image


def noise(seed: int = 0) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (120, 160, 3), np.uint8))


def test_a_small_drawing_in_a_corner_fills_its_square_and_keeps_its_shape() -> None:
    small = np.asarray(prepared(sketch()))
    assert small.shape == (71, 71, 3)  # 61 pixels wide, and 8 percent on either side
    dark = np.argwhere(small.min(2) < 128)
    (top, left), (bottom, right) = dark.min(0), dark.max(0)
    assert (left, right) == (4, 66)  # one pixel bolder
    assert abs((bottom - top) - 42) <= 2  # 41 high, and not stretched


@pytest.mark.parametrize("width", [1, 2, 3])
def test_thin_lines_are_a_bold_line_at_32_pixels(width: int) -> None:
    image = sketch(box=(20, 20, 300, 300), width=width)
    blueprint = get_blueprint("cnn-5k")
    before = blueprint.square(image).min()
    after = blueprint.prepared_by(drawn.NAME).square(image)
    assert after.min() < 60
    assert width == 3 or before > 100
    assert after.max() == 255


def test_faint_pencil_on_tinted_paper_becomes_dark_on_white() -> None:
    small = np.asarray(prepared(sketch(ink=(170, 168, 165), paper=(235, 230, 225), box=(60, 60, 260, 220))))
    assert small.min() < 60
    assert small[0, 0].tolist() == [255, 255, 255]


def test_coloured_lines_keep_their_colour() -> None:
    small = np.asarray(prepared(sketch(ink=(220, 38, 38))))
    red = small[small.min(2) < 128]
    assert len(red)
    assert (np.abs(red.astype(int) - (220, 38, 38)).max(1) <= 4).all()


def test_what_is_filled_is_trimmed_and_nothing_else() -> None:
    image = Image.new("RGB", (320, 320), "white")
    ImageDraw.Draw(image).ellipse((30, 40, 150, 140), fill=(22, 163, 74))
    small = np.asarray(prepared(image))
    assert small.shape == (139, 139, 3)  # the last rows have a speck each
    assert {tuple(colour) for colour in small.reshape(-1, 3).tolist()} == {(255, 255, 255), (22, 163, 74)}


def test_it_is_the_same_on_a_larger_sheet() -> None:
    once = prepared(sketch(box=(60, 60, 250, 220), width=3))
    twice = prepared(sketch((1280, 1280), (240, 240, 1000, 880), 12))
    a, b = (np.asarray(one.resize((32, 32), Image.Resampling.BICUBIC)).astype(int) for one in (once, twice))
    assert np.abs(a - b).mean() < 12


@pytest.mark.parametrize(
    "image",
    [
        noise(),
        Image.new("RGB", (200, 200), "white"),
        Image.new("RGB", (200, 200), "black"),
        Image.new("RGB", (3, 3), "white"),
        sketch(paper=(20, 40, 90), ink=(240, 240, 240)),  # a board
        sketch(box=(100, 100, 110, 108)),  # no more than a dot
    ],
    ids=["photograph", "empty", "dark", "tiny", "board", "dot"],
)
def test_everything_else_passes_as_it_is(image: Image.Image) -> None:
    assert prepared(image) is image


def test_a_photograph_on_plain_white_passes() -> None:
    image = Image.new("RGB", (200, 200), "white")
    image.paste(noise().crop((0, 0, 100, 100)), (50, 50))
    smooth = np.linspace(0, 200, 100)[:, None, None] + np.linspace(0, 50, 100)[None, :, None] * [1, 0.5, 0.2]
    shaded = Image.new("RGB", (200, 200), "white")
    shaded.paste(Image.fromarray(smooth.astype(np.uint8)), (50, 50))
    assert prepared(image) is image
    assert prepared(shaded) is shaded


def test_a_picture_of_the_networks_size_is_looked_at_as_it_is() -> None:
    image = sketch((32, 32), (10, 10, 20, 20))
    blueprint = get_blueprint("cnn-5k").prepared_by(drawn.NAME)
    assert np.array_equal(blueprint.square(image), np.asarray(image))


def test_a_cut_off_drawing_is_completed_with_paper() -> None:
    square = drawing(np.asarray(sketch(box=(-100, 60, 200, 260), width=4, paper=(250, 250, 250))))
    assert square is not None
    assert square.shape[0] == square.shape[1]
    assert (square[:, 0] == 255).all()


def test_without_a_preparation_nothing_changes() -> None:
    blueprint = get_blueprint("cnn-5k")
    assert blueprint.preparation == ""
    image = sketch()
    expected = np.asarray(image.resize((32, 32), Image.Resampling.BICUBIC))
    assert np.array_equal(blueprint.square(image), expected)
    assert blueprint.prepared_by("") is blueprint
