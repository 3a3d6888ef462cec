"""Picture files of any kind as upright RGB pictures; where one cannot be read, a sentence that names the file."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from tina.errors import BadPicture

MAX_PIXELS = 50_000_000
MAX_BYTES = 64 * 2**20
EVERYDAY_MIDDLE = 0.875  # of the shorter side, which is what photo towers look at
LONGEST = 4  # times the shorter side: of a longer picture only the middle is looked at, which contains the square
ENDINGS = {".jpg", ".jpeg", ".jpe", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".avif"}


def is_picture_name(name: str) -> bool:
    """Whether a file's name ends like a picture's (and is none of macOS's shadow files)."""
    return Path(name).suffix.lower() in ENDINGS and not Path(name).name.startswith("._")


def open_picture(source: str | Path | bytes | Image.Image, name: str | None = None) -> Image.Image:
    """A picture, upright and in RGB. Transparency becomes white, an animation its first frame, 16 bits become 8.

    Args:
        source: a path, a file's content, or a picture.
        name: what an error calls it (default: the path).

    Returns:
        The picture. BadPicture where it cannot be read or is too large.
    """
    if isinstance(source, Image.Image):
        return _rgb(source, name or "the picture")
    name = name or (str(source) if not isinstance(source, bytes) else "the picture")
    if not isinstance(source, bytes):
        path = Path(source)
        if not path.is_file():
            raise BadPicture(f"{name}: there is no such file.")
        if path.stat().st_size > MAX_BYTES:
            raise BadPicture(f"{name}: larger than {MAX_BYTES >> 20} MB.")
        source = path.read_bytes()
    if not source:
        raise BadPicture(f"{name}: the file is empty.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own limit on pixels speaks below; odd metadata does not matter
            image = Image.open(io.BytesIO(source))
            if image.width * image.height > MAX_PIXELS:
                raise BadPicture(
                    f"{name}: {image.width} x {image.height} pixels are too many "
                    f"(at most {MAX_PIXELS // 10**6} million)."
                )
            return _rgb(image, name)
    except Image.DecompressionBombError as error:
        raise BadPicture(f"{name}: so many pixels are refused (at most {MAX_PIXELS // 10**6} million).") from error
    except UnidentifiedImageError as error:
        raise BadPicture(f"{name}: this is not a picture that can be read.") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:  # what Pillow's decoders raise on damaged files
        raise BadPicture(f"{name}: the picture is damaged or cut short.") from error


def _rgb(image: Image.Image, name: str) -> Image.Image:
    if min(image.size) < 1:
        raise BadPicture(f"{name}: the picture has no pixels.")
    if getattr(image, "is_animated", False):
        image.seek(0)
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I") or image.mode == "F":  # 16 or 32 bits a pixel: stretched to 8
        values = np.asarray(image, np.float32)
        top = 65535.0 if image.mode.startswith("I") else max(float(values.max()), 1e-6)
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
