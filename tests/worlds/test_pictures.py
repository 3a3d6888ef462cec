"""Any picture a person may hand us is read upright in RGB, or refused with a sentence that names it."""

import io

import numpy as np
import pytest
from PIL import Image

from tests.conftest import picture_bytes
from tina.errors import BadPicture
from tina.worlds.pictures import open_picture, square


def saved(image: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def test_cmyk_becomes_rgb() -> None:
    picture = open_picture(saved(Image.new("CMYK", (20, 20), (0, 255, 255, 0)), "JPEG"))
    assert picture.mode == "RGB"
    red, green, blue = picture.getpixel((10, 10))
    assert red > 180
    assert max(green, blue) < 90


def test_sixteen_bits_become_eight() -> None:
    ramp = np.linspace(0, 65535, 400).reshape(20, 20).astype(np.uint16)
    picture = np.asarray(open_picture(saved(Image.fromarray(ramp), "PNG")))
    assert picture.shape == (20, 20, 3)
    assert picture.min() == 0
    assert picture.max() == 255
    assert 100 < picture.mean() < 155


def test_of_an_animation_the_first_frame_counts() -> None:
    frames = [Image.new("RGB", (16, 16), c) for c in ("red", "blue")]
    picture = open_picture(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert picture.getpixel((8, 8)) == (255, 0, 0)


def test_a_telephones_sideways_picture_is_turned_upright() -> None:
    image = Image.new("RGB", (40, 20), "white")
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees to see it right
    assert open_picture(saved(image, "JPEG", exif=exif)).size == (20, 40)


def test_transparent_parts_become_white() -> None:
    assert open_picture(saved(Image.new("RGBA", (8, 8), (255, 0, 0, 0)), "PNG")).getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty"),
        (b"hello, I am a text", "not a picture"),
        (picture_bytes(kind="JPEG", size=(300, 300))[:2000], "damaged or cut short"),
        (picture_bytes(kind="PNG", size=(300, 300))[:5000], "damaged or cut short"),
    ],
)
def test_what_cannot_be_read_is_named(content: bytes, sentence: str) -> None:
    with pytest.raises(BadPicture, match=sentence) as error:
        open_picture(content, "holiday.jpg")
    assert str(error.value).startswith("holiday.jpg: ")


def test_a_gigantic_picture_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(BadPicture, match=r"big.png: so many pixels are refused"):
        open_picture(saved(Image.new("1", (20_000, 20_000)), "PNG"), "big.png")


def test_a_missing_file_is_named(tmp_path) -> None:
    with pytest.raises(BadPicture, match="there is no such file"):
        open_picture(tmp_path / "nothing.png")


def test_the_middle_square_is_taken() -> None:
    image = Image.new("RGB", (96, 32), "white")
    image.paste("black", (32, 0, 64, 32))
    assert square(image, 32).max() == 0


def test_a_picture_with_too_many_pixels_is_refused_with_its_size() -> None:
    with pytest.raises(BadPicture, match=r"big.png: 8000 x 8000 pixels are too many \(at most 50 million\)"):
        open_picture(saved(Image.new("1", (8000, 8000)), "PNG"), "big.png")
