"""Random files, words and numbers of several kinds. A case ends in an answer or in a `UserError`, and in nothing else.

    KINDS["zip"](random.Random(7))

Each case draws from the generator that it is given, so its kind and its seed say which one it was.
"""

from __future__ import annotations

import io
import json
import math
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import gradio as gr
import numpy as np
import torch
from PIL import Image

from tests.fuzz.attacks import JSON, WEIGHTS, members_of, tensors, zip_of
from tina.blueprints import get_blueprint
from tina.classifier.archive import read_zip
from tina.classifier.classifier import Classifier
from tina.classifier.record import Origin, read_record
from tina.classifier.score import Score
from tina.errors import UserError
from tina.options import number, whole
from tina.prompts.name_tags import says_something
from tina.prompts.parsing import parse
from tina.prompts.prompt import Prompt
from tina.prompts.sentences import looks_like_sentence
from tina.storage import load_json, save_tensors
from tina.training.resume import read_progress
from tina.ui.server import endpoints, links
from tina.worlds import load_world
from tina.worlds.pictures import open_picture

Case = Callable[[Random], object]
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2, 1.5, 10**9, 2**31, 2**63, 2**64, -(2**63), 10**400, 1e308, 1e-320),
    *(math.nan, math.inf, -math.inf, "", "x", "\0", "\ud800", "\udfff x", "a\nb", "\u202e", "x" * 5000),
    *("5", "NaN", "🍎", "folder:/", "../../etc/passwd", "cnn-5k:embedded", "encoder-head:x", "data:,", "AAAA"),
    *([], {}, [[]], [None], [1, 2, 3], {"a": {}}, [[]] * 200, {"": [[{}]]}, ["x"] * 150, [[1] * 3] * 3),
)
TYPED = "apple snail and or , ; : things that fly “ ” ' ( 1. - • é e\u0301 苹果 🍎 0 12:30 https:// <b> {{ %s vs. & ß"
WORDS = (
    *TYPED.split(),
    *("\n", "\0", "\ud800", "\u202e", "\u200b", "\U0001f469\u200d\U0001f469", "x" * 90, "\t", "\r", "\u2028", "İ"),
    *("something else", "none of these", "\\", '"'),
)


# -- what is changed ---------------------------------------------------------------------------------------------------
def mutated(content: bytes, draw: Random) -> bytes:
    """Some bytes changed, cut out, doubled or put in."""
    changed = bytearray(content)
    for _ in range(draw.choice((1, 1, 2, 4, 12))):
        at = draw.randrange(len(changed) + 1)
        match draw.randrange(6):
            case 0 | 1 if at < len(changed):
                changed[at] = draw.randrange(256)
            case 2 if at < len(changed):
                changed[at] ^= 1 << draw.randrange(8)
            case 3:
                del changed[at : at + draw.choice((1, 4, 100))]
            case 4:
                changed[at:at] = changed[at : at + draw.choice((1, 8, 200))]
            case 5:
                changed[at : at + 4] = draw.choice(
                    (b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f")
                )
    return bytes(changed[: draw.randrange(len(changed) + 1)] if draw.random() < 0.1 else changed)


def altered(value: Any, draw: Random) -> Any:
    """JSON with something odd somewhere in it."""
    if not isinstance(value, dict | list) or not value or draw.random() < 0.15:
        return draw.choice(ODD)
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    at = draw.choice([*copy] if isinstance(copy, dict) else range(len(copy)))
    if draw.random() < 0.1:
        del copy[at]
    else:
        copy[at] = altered(copy[at], draw)
    return copy


def words(draw: Random) -> str:
    """A text that somebody might type, or that nobody would."""
    text = draw.choice(("", " ")).join(draw.choice(WORDS) for _ in range(draw.choice((1, 2, 5, 20, 200))))
    return text + chr(draw.choice((0, 0x301, 0xD800, 0x1F600, 0x10FFFF, draw.randrange(0x10FFFF))))


# -- what there is to change -------------------------------------------------------------------------------------------
@cache
def whole_zip() -> bytes:
    """A classifier's, as it is saved."""
    blueprint, prompt = get_blueprint("cnn-5k"), parse("apple\nsnail: it carries its house\nsomething else")
    weights = blueprint.init(3, torch.Generator().manual_seed(1))
    scored = Score(tuple(prompt.labels), ((5, 1, 0), (0, 6, 0), (2, 0, 4)))
    shares = {"generator": 0.5, "prior": 0.3, "transfer": 0.2}
    origin = Origin("sketchbook", "abc", seed=7, steps=10, sampler="dpm", provenance=shares)
    with tempfile.TemporaryDirectory() as folder:
        classifier = Classifier(blueprint, weights, prompt, scored=scored, origin=origin)
        return classifier.save(Path(folder) / "whole.zip").read_bytes()


@cache
def pictures() -> list[bytes]:
    """Small ones: every format that is opened, in several modes, and some that are not."""
    pixels = np.random.default_rng(0).integers(0, 255, (24, 31, 3), np.uint8)
    image, grey = Image.fromarray(pixels), pixels[..., 0]
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "turned"
    kinds = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "PPM", "EPS", "ICO", "TGA", "PCX", "SGI", "JPEG2000")
    found = [(image, kind, {}) for kind in (*kinds, "DDS", "IM", "PDF")]
    found += [(image, kind, {"exif": exif}) for kind in ("JPEG", "PNG", "WEBP", "AVIF", "TIFF")]
    found += [
        (image, kind, {"save_all": True, "append_images": [image, image]}) for kind in ("GIF", "WEBP", "PNG", "AVIF")
    ]
    found += [(image, "JPEG", {"progressive": True}), (image.convert("CMYK"), "JPEG", {})]
    found += [(image.convert(mode), "PNG", {}) for mode in ("1", "L", "LA", "P", "RGBA")]
    found += [(image.convert("P"), "PNG", {"transparency": 3}), (image.convert("RGBA"), "WEBP", {"lossless": True})]
    deep = [Image.fromarray(grey.astype(kind)) for kind in (np.uint16, np.int32, np.float32)]
    found += [(one, "TIFF", {}) for one in (*deep, image.convert("CMYK"), image.convert("LAB"))]
    found += [(image, "TIFF", {"compression": how}) for how in ("tiff_lzw", "jpeg", "packbits", "tiff_deflate")]
    found += [(deep[0], "PNG", {}), (image, "PNG", {"icc_profile": b"no profile"})]
    return [_saved(*one) for one in found]


def _saved(image: Image.Image, kind: str, options: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@cache
def archives() -> list[tuple[str, bytes]]:
    """Of pictures, a folder a class: (ending, content)."""
    members = {f"w/{label}/{i}.png": pictures()[1] for label in ("cat", "dog") for i in range(2)}
    found = [
        (".zip", zip_of(members, method)) for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA)
    ]
    for ending in ("tar", "tar.gz", "tar.bz2", "tar.xz"):
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode=f"w:{ending[4:]}") as archive:
            for name, content in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
        found.append((f".{ending}", file.getvalue()))
    found.append((".zip", zip_of({"inner.tar.gz": found[4][1]})))
    return found


@cache
def state() -> bytes:
    """Where a training stands."""
    with tempfile.TemporaryDirectory() as folder:
        about = {"step": "3", "seconds": "1.5", "device": "here"}
        save_tensors({"tensors/x": torch.zeros(3)}, Path(folder) / "s", about)
        return (Path(folder) / "s").read_bytes()


@cache
def asked() -> dict[str, Callable[..., dict]]:
    """What programs may ask of the page."""
    from tina.ui.server.registry import CheckpointRegistry

    with gr.Blocks() as page:
        endpoints.add(CheckpointRegistry("sketchbook-cnn"))
    return {fn.api_name: fn.fn for fn in page.fns.values()}


# -- the kinds ---------------------------------------------------------------------------------------------------------
def _load(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.zip").write_bytes(content)
        read_zip(Path(folder) / "a.zip")


def zip_case(draw: Random) -> None:
    """A zip with some bytes changed."""
    _load(mutated(whole_zip(), draw))


def record_case(draw: Random) -> None:
    """A zip with something odd in its classifier.json; what is read can be written down."""
    members = members_of(whole_zip())
    content = altered(json.loads(members[JSON]), draw)
    raw = json.dumps(content).encode() if draw.random() < 0.8 else mutated(members[JSON], draw)
    try:
        _load(zip_of(members | {JSON: raw}, zipfile.ZIP_STORED))
        record = read_record(raw)
    except ValueError as error:
        raise AssertionError("a ValueError came out") from error
    json.dumps(record.prompt.to_json()).encode()


def header_case(draw: Random) -> None:
    """A zip whose safetensors file has another header."""
    members = members_of(whole_zip())
    size = int.from_bytes(members[WEIGHTS][:8], "little")
    header = altered(json.loads(members[WEIGHTS][8 : 8 + size]), draw)
    odd = tensors(header, members[WEIGHTS][8 + size :]) if draw.random() < 0.7 else mutated(members[WEIGHTS], draw)
    _load(zip_of(members | {WEIGHTS: odd}, zipfile.ZIP_STORED))


def picture_case(draw: Random) -> None:
    """A picture of some format with some bytes changed."""
    open_picture(mutated(draw.choice(pictures()), draw), "a picture")


def archive_case(draw: Random) -> None:
    """An archive of pictures as a world."""
    ending, content = draw.choice(archives())
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"a{ending}").write_bytes(mutated(content, draw))
        load_world(f"folder:{folder}/a{ending}")


def prompt_case(draw: Random) -> None:
    """Words: understood, or a sentence; and what is understood goes to JSON and back."""
    text = words(draw)
    looks_like_sentence(text)
    says_something(text, lambda word: len(word) % 2 == 0)
    prompt = parse(text)
    prompt.to_json().encode()
    Prompt.from_json(prompt.to_json())


def saved_prompt_case(draw: Random) -> None:
    """A prompt's JSON."""
    content = json.loads(parse("apple\nsnail: it carries its house").to_json())
    Prompt.from_json(json.dumps(altered(content, draw), ensure_ascii=draw.random() < 0.5))


def link_case(draw: Random) -> None:
    """An address."""
    odd = [str(one)[:300] for one in ODD]
    query = {key: draw.choice((words(draw), *odd)) for key in (*links.SETTINGS, "mode", "x") if draw.random() < 0.7}
    links.read(query)


def api_case(draw: Random) -> None:
    """A question of a program, in which at least one argument is odd."""
    name = draw.choice([*asked()])
    usual = {
        "generate": {
            "classes": "apple, snail",
            "seed": 0,
            "steps": 2,
            "pictures": {},
            "name_tags": {},
            "checkpoint": "",
        },
        "classify": {"picture": "", "classes": "apple, snail", "seed": 0, "pictures": {}},
        "score": {"zip": "", "checkpoint": ""},
    }[name]
    question: dict[str, Any] = {key: draw.choice(ODD) if draw.random() < 0.6 else value for key, value in usual.items()}
    if "classes" in question and draw.random() < 0.1:
        question["classes"] = words(draw)
    try:
        asked()[name](**question)
    except gr.Error as error:
        if not isinstance(error.__cause__, UserError) or len(str(error)) > 2000:
            raise AssertionError("an error that is no sentence") from error


def option_case(draw: Random) -> None:
    """A number on a command line."""
    text = draw.choice(
        (*map(str, ODD[:16]), *(one for one in ODD if isinstance(one, str)), "1_0", "٣", "1e3", " 5 ", "0x10")
    )
    value = draw.choice((whole("--x", 1, 100), whole("--x"), number("--x"), number("--x", above=0)))(text)
    if not math.isfinite(value) or value < 0:
        raise AssertionError("that is no number for anybody")


def state_case(draw: Random) -> None:
    """A state or a JSON file that something wrote to half."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "state.safetensors").write_bytes(mutated(state(), draw))
        (Path(folder) / "a.json").write_bytes(mutated(b'{"rows": [1, 2], "format": 1}', draw))
        draw.choice((read_progress, lambda file: load_json(file.with_name("a.json"))))(
            Path(folder) / "state.safetensors"
        )


KINDS: dict[str, Case] = {
    "zip": zip_case,
    "record": record_case,
    "header": header_case,
    "picture": picture_case,
    "archive": archive_case,
    "prompt": prompt_case,
    "saved prompt": saved_prompt_case,
    "link": link_case,
    "api": api_case,
    "option": option_case,
    "state": state_case,
}


def run(kind: str, draw: Random) -> bool:
    """One case: True where there was an answer, False where there was a sentence."""
    try:
        KINDS[kind](draw)
    except UserError as error:
        if not str(error) or "\n" in str(error) or len(str(error)) > 2000:
            raise AssertionError("an error that is no sentence") from error
        return False
    return True
