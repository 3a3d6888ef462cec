"""Picture files of any kind as upright RGB pictures; where one cannot be read, a sentence that names the file."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator
from math import ceil, isfinite
from pathlib import Path

import numpy as np
from PIL import AvifImagePlugin, Image, ImageOps, TiffImagePlugin, UnidentifiedImageError, WebPImagePlugin

from tina.errors import BadPicture

# What is opened, and at most so many million pixels of it: as many as take 300 MB to read. Pillow knows more formats,
# some of which start other programs; it asks a format's own module whether a file is of it.
MILLIONS = {"JPEG": 50, "PNG": 50, "GIF": 50, "BMP": 50, "PPM": 50, "TIFF": 24, "WEBP": 16, "AVIF": 16, "HEIF": 16}
PLUGINS = (AvifImagePlugin, TiffImagePlugin, WebPImagePlugin)  # beside those that Pillow imports itself
DAMAGED = (  # what Pillow's decoders raise for damaged files
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    RuntimeError,  # of AVIF and WebP
    struct.error,
    OverflowError,
    IndexError,
    TypeError,
    KeyError,
    ZeroDivisionError,
)
MAX_PIXELS = 50_000_000
PLENTY = 16_000_000  # pixels: of a larger picture a half, a third, ... is looked at, before anything else is done to it
BAND = 256  # rows of it at a time
PASSES = 64  # over a JPEG: each looks at all of it
COEFFICIENTS = 100_000_000  # of a JPEG with more than one pass, which are all kept
ORIENTATION = 0x0112  # the tag of EXIF
MAX_BYTES = 64 * 2**20
EVERYDAY_MIDDLE = 0.875  # of the shorter side, which is what photo towers look at
LONGEST = 4  # times the shorter side: of a longer picture only the middle is looked at, which contains the square
HEIC = {".heic", ".heif"}
ENDINGS = {".jpg", ".jpeg", ".jpe", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".avif", *HEIC}
BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1")  # of HEIC


def is_picture_name(name: str) -> bool:
    """Whether a file's name ends like a picture's (and is none of macOS's shadow files)."""
    return Path(name).suffix.lower() in ENDINGS and not Path(name).name.startswith("._")


def open_picture(source: str | Path | bytes | Image.Image, name: str | None = None) -> Image.Image:
    """A picture, upright and in RGB. Transparency becomes white, an animation its first frame, 16 bits become 8. One of
    more than 16 million pixels comes back smaller.

    Args:
        source: a path, a file's content, or a picture.
        name: what an error calls it (default: the path).

    Returns:
        The picture. BadPicture where it cannot be read or is too large.
    """
    if isinstance(source, Image.Image):
        return _read(source, name or "the picture")
    name = name or (str(source) if not isinstance(source, bytes) else "the picture")
    if not isinstance(source, bytes):
        source = file_content(Path(source), name)
    if not source:
        raise BadPicture(f"{name}: the file is empty.")
    if len(source) > MAX_BYTES:
        raise BadPicture(f"{name}: larger than {MAX_BYTES >> 20} MB.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own limit on pixels speaks below; odd metadata does not matter
            image = Image.open(io.BytesIO(source), formats=_formats())
    except Image.DecompressionBombError as error:
        raise BadPicture(f"{name}: so many pixels are refused (at most {MAX_PIXELS // 10**6} million).") from error
    except UnidentifiedImageError as error:
        if source[4:8] == b"ftyp" and source[8:12] in BRANDS:
            raise BadPicture(f"{name}: HEIC is not read here; save it as JPEG.") from error
        raise BadPicture(f"{name}: this is not a picture that can be read.") from error
    except DAMAGED as error:
        raise BadPicture(f"{name}: the picture is damaged or cut short.") from error
    _check_size(image, source, name)
    return _read(image, name)


def _formats() -> list[str]:
    """Those of our list that this Pillow has; HEIC where somebody registered its reader (pillow-heif)."""
    Image.preinit()
    return [kind for kind in MILLIONS if kind in Image.OPEN]


def file_content(path: Path, name: str) -> bytes:
    """The bytes of a picture's file, which an error calls `name`; BadPicture where they cannot be had."""
    if not path.is_file():
        raise BadPicture(f"{name}: there is no such file.")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadPicture(f"{name}: larger than {MAX_BYTES >> 20} MB.")
        return path.read_bytes()
    except OSError as error:
        raise BadPicture(f"{name}: the file cannot be read ({error.strerror}).") from error


def _check_size(image: Image.Image, content: bytes, name: str) -> None:
    """Before anything is unpacked."""
    kind = "JPEG" if image.format == "MPO" else image.format or ""
    most = MILLIONS.get(kind, 16)
    pixels = image.width * image.height
    if pixels > most * 10**6:
        raise BadPicture(
            f"{name}: {image.width} x {image.height} pixels are too many (at most {most} million)."
            if most == MAX_PIXELS // 10**6
            else f"{name}: {image.width} x {image.height} pixels are too many (at most {most} million as {kind})."
        )
    if kind == "JPEG" and pixels > 10**6 and image.info.get("progressive"):
        passes = content.count(b"\xff\xda")
        if passes > PASSES or pixels * _sampling(image) > COEFFICIENTS:
            raise BadPicture(f"{name}: a progressive JPEG of that size is refused; save it as an ordinary one.")


def _sampling(image: Image.Image) -> float:
    """Coefficients of a JPEG for each pixel: 3 of full colour, 1.5 of the usual one."""
    layers = [(layer[1], layer[2]) for layer in getattr(image, "layer", [])]
    largest = max((across * down for across, down in layers), default=1)
    return sum(across * down for across, down in layers) / max(1, largest)


def _read(image: Image.Image, name: str) -> Image.Image:
    """The pixels of a picture that was opened, upright and in RGB."""
    if min(image.size) < 1:
        raise BadPicture(f"{name}: the picture has no pixels.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            factor = ceil((image.width * image.height / PLENTY) ** 0.5)
            if factor > 1:
                image.draft(image.mode, (ceil(image.width / factor), ceil(image.height / factor)))
            if getattr(image, "is_animated", False):
                image.seek(0)
            image.load()
            turn = _orientation(image)
    except DAMAGED as error:
        raise BadPicture(f"{name}: the picture is damaged or cut short.") from error
    factor = ceil((image.width * image.height / PLENTY) ** 0.5)
    upright = _reduced(image, factor) if factor > 1 else _rgb(image, _top(image))
    if turn is None:
        return upright
    turned = upright.transpose(turn)
    turned.info.clear()  # or whoever opens the result, or a copy of it, would turn it once more
    return turned


def _orientation(image: Image.Image) -> Image.Transpose | None:
    """How a picture has to be turned to be upright. Metadata that cannot be read say nothing."""
    turns = Image.Transpose
    by_number = (
        *(turns.FLIP_LEFT_RIGHT, turns.ROTATE_180, turns.FLIP_TOP_BOTTOM),
        *(turns.TRANSPOSE, turns.ROTATE_270, turns.TRANSVERSE, turns.ROTATE_90),
    )
    try:
        number = image.getexif().get(ORIENTATION, 1)
    except DAMAGED:
        return None
    return dict(enumerate(by_number, start=2)).get(number) if isinstance(number, int) else None


def _reduced(image: Image.Image, factor: int) -> Image.Image:
    """A picture in RGB that is smaller by a factor, made a few rows at a time: no copy in full is ever made."""
    small = Image.new("RGB", (ceil(image.width / factor), ceil(image.height / factor)))
    top = _top(image)
    for number, band in enumerate(_bands(image, BAND * factor)):
        small.paste(_rgb(band, top).reduce(factor), (0, number * BAND))
    return small


def _bands(image: Image.Image, rows: int) -> Iterator[Image.Image]:
    for top in range(0, image.height, rows):
        yield image.crop((0, top, image.width, min(image.height, top + rows)))


def _top(image: Image.Image) -> float:
    """What is white in a picture of 16 or 32 bits a pixel: the most that 8 or 16 bits hold, or its largest number."""
    if image.mode.startswith("I;16"):
        return 65535.0
    if image.mode not in ("I", "F"):
        return 255.0
    largest = 0.0
    for band in _bands(image, BAND):
        values = np.asarray(band, np.float64)
        largest = max(largest, float(values.max(initial=0.0, where=np.isfinite(values))))
    if image.mode == "F":
        return max(largest, 1e-6) if isfinite(largest) else 1.0
    return next((float(most) for most in (255, 65535) if largest <= most), largest)


def _rgb(image: Image.Image, top: float) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":  # 16 or 32 bits a pixel: stretched to 8
        values = np.nan_to_num(np.asarray(image, np.float32), nan=0.0, posinf=top, neginf=0.0)
        return Image.fromarray((255 * np.clip(values / top, 0, 1)).astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")


def square(image: Image.Image, size: int) -> np.ndarray:
    """The middle square of a picture.

    Args:
        image: in RGB.
        size: of the result.

    Returns:
        uint8, size x size x 3.
    """
    if image.size == (size, size):
        return np.asarray(image)
    return np.asarray(ImageOps.fit(image, (size, size), Image.Resampling.BICUBIC))


def middle_square(image: Image.Image, size: int, middle: float = 1.0) -> np.ndarray:
    """The middle of a picture whose shorter side was made size / middle long (256 for 224 and 0.875).

    Args:
        image: in RGB.
        size: of the result.
        middle: the share of the shorter side that is left.

    Returns:
        uint8, size x size x 3.
    """
    shorter = min(image.size)
    image = _crop(image, min(image.width, LONGEST * shorter), min(image.height, LONGEST * shorter))
    scale = round(size / middle) / shorter
    new = max(size, round(image.width * scale)), max(size, round(image.height * scale))
    return np.asarray(_crop(image.resize(new, Image.Resampling.BICUBIC), size, size))


def _crop(image: Image.Image, width: int, height: int) -> Image.Image:
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))
