"""Says what is on a picture: python predict.py picture.jpg ...   (needs onnxruntime, numpy and pillow)"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

HERE = Path(__file__).parent
ABOUT = json.loads((HERE / "classifier.json").read_text("utf-8"))


def predict(path):
    """Probabilities by label for a picture file."""
    return dict(zip(ABOUT["labels"], outputs(path)[0][0].tolist(), strict=True))


def is_none_of_these(path):
    """Whether a picture is less like all of the classes than pictures of them are; None where it cannot be told."""
    level = ABOUT.get("none_level")
    if ABOUT["preprocessing"].get("preparation"):
        from drawn import is_empty, looks_like_photograph  # beside this file

        image = opened(path)
        small = image.size == (ABOUT["preprocessing"]["size"],) * 2  # too small to tell
        if not small and (looks_like_photograph(image) or is_empty(image)):
            return True
    return None if level is None else bool(outputs(path)[1].max() < level)


def opened(path):
    """Upright, on white; of the usual kinds, as some others start programs."""
    Image.init()
    kinds = [
        kind for kind in ("JPEG", "PNG", "GIF", "BMP", "PPM", "TIFF", "WEBP", "AVIF", "HEIF") if kind in Image.OPEN
    ]
    image = ImageOps.exif_transpose(Image.open(path, formats=kinds)).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


def fitted(image, size, middle):
    """The middle of a picture whose shorter side is made size / middle long."""
    shorter = min(image.size)
    longest = 4 * shorter  # of a very long picture only the middle is looked at
    image = cropped(image, min(image.width, longest), min(image.height, longest))
    scale = round(size / middle) / shorter
    larger = max(size, round(image.width * scale)), max(size, round(image.height * scale))
    return cropped(image.resize(larger, Image.Resampling.BICUBIC), size, size)


def cropped(image, width, height):
    """The middle of a picture."""
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))


def outputs(path):
    """Probabilities, and what tells pictures of none of the classes, where the classifier gives it."""
    image = opened(path)
    size, middle = ABOUT["preprocessing"]["size"], ABOUT["preprocessing"].get("middle", 1)
    if image.size != (size, size) and ABOUT["preprocessing"].get("preparation"):
        from drawn import prepared  # beside this file

        image = prepared(image)
    if middle < 1:
        image = fitted(image, size, middle)
    elif image.size != (size, size):
        image = ImageOps.fit(image, (size, size), Image.Resampling.BICUBIC)
    pixels = np.asarray(image, np.float32).transpose(2, 0, 1)[None] / 127.5 - 1
    session = onnxruntime.InferenceSession(HERE / "classifier.onnx", providers=["CPUExecutionProvider"])
    return session.run(None, {"pictures": pixels})


if __name__ == "__main__":
    print(json.dumps({path: predict(path) for path in sys.argv[1:]}, ensure_ascii=False, indent=2))
    for path in filter(is_none_of_these, sys.argv[1:]):
        print(f"{path}: none of these?", file=sys.stderr)
