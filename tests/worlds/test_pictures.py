"""Any picture a person may hand us is read upright in RGB, or refused with a sentence that names it."""

import contextlib
import io

import numpy as np
import pytest
from PIL import Image

from tests.conftest import picture_bytes
from tests.fuzz.memory import measured
from tina.errors import BadPicture, UserError
from tina.worlds import load_world
from tina.worlds.pictures import MILLIONS, open_picture, square


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
    upright = open_picture(saved(image, "JPEG", exif=exif))
    assert upright.size == (20, 40)
    assert open_picture(upright).size == (20, 40)  # and never again
    assert open_picture(open_picture(upright).copy()).size == (20, 40)


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


# -- pictures from strangers ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["EPS", "PCX", "TGA", "SGI", "ICNS", "PDF", "JPEG2000", "DDS", "MSP"])
def test_only_formats_of_the_list_are_opened(kind: str) -> None:
    """Others that Pillow knows may start other programs: PostScript starts Ghostscript."""
    image = Image.new("1" if kind == "MSP" else "RGB", (32, 32))
    with pytest.raises(BadPicture, match="not a picture that can be read"):
        open_picture(saved(image, kind), "a.png")


@pytest.mark.parametrize("kind", [kind for kind in MILLIONS if kind != "HEIF"])
def test_every_format_of_the_list_is_opened(kind: str) -> None:
    assert open_picture(saved(Image.new("RGB", (20, 10)), kind)).size == (20, 10)


def test_heic_is_named() -> None:
    with pytest.raises(BadPicture, match="HEIC is not read here"):
        open_picture(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100), "a.heic")


@pytest.mark.parametrize("kind", ["AVIF", "WEBP", "JPEG", "PNG", "GIF", "TIFF", "BMP", "PPM"])
def test_a_damaged_picture_of_any_kind_is_a_sentence(kind: str) -> None:
    whole, draw = bytearray(picture_bytes(3, (60, 50), kind)), np.random.default_rng(0)
    for _ in range(60):
        changed = bytearray(whole)
        for at in draw.integers(0, len(whole), 6):
            changed[at] = draw.integers(256)
        with contextlib.suppress(BadPicture):  # and nothing else
            open_picture(bytes(changed), "a.picture")


def test_a_damaged_avif_does_not_take_a_folder_with_it(tmp_path, capsys: pytest.CaptureFixture) -> None:
    """It is named and left out, and so is one that may not be read."""
    for label in ("cat", "dog"):
        (tmp_path / label).mkdir()
        (tmp_path / label / "good.png").write_bytes(picture_bytes())
    whole = bytearray(picture_bytes(1, (60, 50), "AVIF"))
    whole[280] ^= 0xFF
    (tmp_path / "cat" / "bad.avif").write_bytes(whole)
    world = load_world(f"folder:{tmp_path}")
    assert world.names == ["cat", "dog"]
    assert "left out: cat/bad.avif: the picture is damaged" in capsys.readouterr().err


def test_a_large_picture_is_made_smaller_before_anything_else() -> None:
    """7000 x 7000 pixels in less than a MB: all there, at little cost."""
    content = saved(Image.new("RGB", (7000, 7000), (200, 30, 40)), "PNG", compress_level=1)
    found = []
    assert measured(lambda: found.append(open_picture(content)))[2] < 300
    assert found[0].size == (3500, 3500)
    assert found[0].getpixel((1000, 3499)) == (200, 30, 40)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "1", "CMYK", "I;16", "I", "F", "LA"])
def test_what_is_made_smaller_looks_as_it_did(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few rows at a time, in every mode."""
    pixels = np.kron(np.random.default_rng(0).integers(0, 2, (9, 7, 3)) * 255, np.ones((60, 60, 1))).astype(np.uint8)
    grey = pixels[..., 0]
    wide = {"I;16": grey.astype(np.uint16) * 257, "I": grey.astype(np.int32), "F": grey.astype(np.float32)}
    of_two = Image.fromarray(grey if mode == "1" else pixels)  # nothing to dither
    image = Image.fromarray(wide[mode]) if mode in wide else of_two.convert(mode)
    content = saved(image, "TIFF" if mode in (*wide, "CMYK") else "PNG")
    whole = np.asarray(open_picture(content))
    monkeypatch.setattr("tina.worlds.pictures.PLENTY", 30_000)
    monkeypatch.setattr("tina.worlds.pictures.BAND", 16)
    small = np.asarray(open_picture(content))
    assert small.shape == (180, 140, 3)
    assert np.abs(small.astype(int) - whole[1::3, 1::3]).max() <= 1


def test_a_jpeg_is_made_smaller_while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tina.worlds.pictures.PLENTY", 100_000)
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = open_picture(saved(Image.new("RGB", (800, 400), (200, 30, 40)), "JPEG", exif=exif))
    assert picture.size == (200, 400)
    assert np.abs(np.subtract(picture.getpixel((100, 200)), (200, 30, 40))).max() <= 3


@pytest.mark.parametrize("most", [255, 1000, 65535, 100_000, 2**31 - 1])
def test_whole_numbers_of_32_bits_are_scaled_by_what_they_hold(most: int) -> None:
    """One of 0 to 255 is no night."""
    ramp = np.linspace(0, most, 400).reshape(20, 20).astype(np.int32)
    picture = np.asarray(open_picture(saved(Image.fromarray(ramp), "TIFF")))
    assert picture.max() == (255 if most != 1000 else 3)
    assert picture.min() == 0


def test_numbers_that_are_none_are_black_or_white() -> None:
    values = np.full((8, 8), 0.5, np.float32)
    values[0, :4] = (np.nan, np.inf, -np.inf, 1)
    picture = np.asarray(open_picture(saved(Image.fromarray(values), "TIFF")))
    assert picture[0, :4, 0].tolist() == [0, 255, 0, 255]
    assert picture[4, 4, 0] == 127


def test_metadata_that_cannot_be_read_say_nothing() -> None:
    picture = open_picture(saved(Image.new("RGB", (20, 10), "red"), "PNG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff"))
    assert picture.size == (20, 10)


def test_a_progressive_jpeg_of_many_passes_is_refused() -> None:
    """All its coefficients are kept, and each pass looks at all of them."""
    content = saved(Image.new("RGB", (1200, 1000)), "JPEG", progressive=True)
    assert open_picture(content).size == (1200, 1000)
    scan = content[content.rfind(b"\xff\xda") : -2]
    with pytest.raises(BadPicture, match="a progressive JPEG of that size is refused"):
        open_picture(content[:-2] + scan * 200 + content[-2:])


def test_a_file_that_is_too_large_is_not_read(tmp_path) -> None:
    with (tmp_path / "a.png").open("wb") as file:
        file.truncate(65 * 2**20)
    with pytest.raises(BadPicture, match="larger than 64 MB"):
        open_picture(tmp_path / "a.png")
    with pytest.raises(BadPicture, match="larger than 64 MB"):
        open_picture(bytes(65 * 2**20))
    (tmp_path / "cat").mkdir()
    (tmp_path / "a.png").rename(tmp_path / "cat" / "a.png")
    with pytest.raises(UserError, match=r"there are no pictures in it.*larger than 64 MB"):
        load_world(f"folder:{tmp_path}")
