"""Zips that did harm once, made when they are needed: nothing of them lies in a repository."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

Members = dict[str, bytes]
JSON, WEIGHTS = "classifier.json", "weights.safetensors"


def members_of(content: bytes) -> Members:
    """What is in a zip."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zip_of(members: Members, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def with_json(members: Members, change: Callable[[dict[str, Any]], object]) -> bytes:
    """The zip with another classifier.json, which `change` makes of the one that is there; NaN and all are kept."""
    about = json.loads(members[JSON])
    change(about)
    return zip_of(members | {JSON: json.dumps(about).encode()})


def tensors(header: object, numbers: bytes = b"") -> bytes:
    """A safetensors file with any header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + numbers


def flagged(content: bytes, flag: int = 0, method: int | None = None, version: int | None = None) -> bytes:
    """A zip whose members say that they are encrypted, packed in another way, or of another version."""
    changed = bytearray(content)
    for mark, at_version, at_flag in ((b"PK\1\2", 6, 8), (b"PK\3\4", 4, 6)):
        at = changed.find(mark)
        while at >= 0:
            changed[at + at_flag] |= flag
            if method is not None:
                changed[at + at_flag + 2 : at + at_flag + 4] = struct.pack("<H", method)
            if version is not None:
                changed[at + at_version] = version
            at = changed.find(mark, at + 4)
    return bytes(changed)


def bomb(method: int, name: str, megabytes: int, members: Members) -> bytes:
    """A zip in which one member is zeros that say they are few."""
    content = zip_of(members | {name: bytes(megabytes * 2**20)}, method)
    changed = bytearray(content)
    for mark, at_size in ((b"PK\1\2", 24), (b"PK\3\4", 22)):
        at = changed.find(mark)
        while at >= 0:
            if struct.unpack("<I", changed[at + at_size : at + at_size + 4])[0] == megabytes * 2**20:
                changed[at + at_size : at + at_size + 4] = struct.pack("<I", 1000)
            at = changed.find(mark, at + 4)
    return bytes(changed)


def zips(whole: bytes) -> dict[str, Callable[[], bytes]]:
    """Attack -> what makes its zip; `whole` is a classifier's zip as Tina saved it."""
    m = members_of(whole)
    tensor = lambda shape, end, dtype="F32": {"dtype": dtype, "shape": shape, "data_offsets": [0, end]}  # noqa: E731
    json_of = lambda content: zip_of(m | {JSON: content})  # noqa: E731
    about = lambda **new: with_json(m, lambda a: a.update(new))  # noqa: E731
    prompt = lambda **new: with_json(m, lambda a: a["prompt"].update(new))  # noqa: E731
    classes = json.loads(m[JSON])["prompt"]["classes"]
    first = lambda **new: prompt(classes=[classes[0] | new, *classes[1:]])  # noqa: E731
    return {
        "64 MB of lists": lambda: json_of(b"[" + b"[]," * (64 * 2**20 // 3) + b"[]]"),
        "1 MB of lists": lambda: json_of(b"[" + b"[]," * 340_000 + b"[]]"),
        "nested lists": lambda: json_of(b"[" * 500_000 + b"]" * 500_000),
        "nested a little": lambda: about(more=json.loads("[" * 40 + "]" * 40)),
        "300,000 classes": lambda: prompt(classes=[classes[0]] * 300_000),
        "10,000 classes": lambda: prompt(classes=[classes[0]] * 10_000),
        "5 MB of notes": lambda: prompt(notes=["n" * 1000] * 5000),
        "900 KB of notes": lambda: prompt(notes=["n" * 1000] * 900),
        "many texts": lambda: first(texts=["a text"] * 50_000),
        "a long label": lambda: first(label="x" * 500_000),
        "a label that is none": lambda: first(label=5),
        "half a character": lambda: first(label="a\ud800b\udc00", texts=["\udfff"]),
        "half a character as the world": lambda: about(world="\ud800"),
        "half a character as the score's pictures": lambda: about(scored_on="\ud800 pictures"),
        "infinite pictures": lambda: first(pictures=float("inf")),
        "a blueprint that is a number": lambda: about(blueprint=5),
        "a blueprint of two parts": lambda: about(blueprint="cnn-5k:x"),
        "a blueprint with a path": lambda: about(blueprint="encoder-head:../../etc/passwd"),
        "steps that are a word": lambda: about(steps="x"),
        "a million steps": lambda: about(steps=10**6),
        "a seed that is a list": lambda: about(seed=[1]),
        "a seed of 5,000 digits": lambda: zip_of(m | {JSON: m[JSON].replace(b'"seed": 7', b'"seed": ' + b"7" * 5000)}),
        "a sampler that is an object": lambda: about(sampler={}),
        "a world that is a number": lambda: about(world=5),
        "a checkpoint that is a list": lambda: about(checkpoint=[[]]),
        "a world of two lines": lambda: about(world="a\n# b"),
        "shares of other parts": lambda: about(provenance={"generator": 1}),
        "shares of more than all": lambda: about(provenance={"generator": 9e9, "prior": 0, "transfer": 0}),
        "infinity in the confusion": lambda: about(confusion=[[float("inf")] * 3] * 3),
        "infinity as 1e999": lambda: json_of(m[JSON].replace(b'"seed": 7', b'"none_level": 1e999, "seed": 7')),
        "NaN in the confusion": lambda: about(confusion=[[float("nan")] * 3] * 3),
        "a fraction in the confusion": lambda: about(confusion=[[0.5] * 3] * 3),
        "a large confusion": lambda: about(confusion=[[1] * 400] * 400),
        "a confusion that is a text": lambda: about(confusion="abc"),
        "a level that is none": lambda: about(none_level=float("nan")),
        "a level that is a text": lambda: about(none_level="1"),
        "a preparation that is a list": lambda: about(preprocessing={"preparation": []}),
        "preprocessing that is a list": lambda: about(preprocessing=[1]),
        "a hash that is a number": lambda: about(weights_sha256=5),
        "a format that is true": lambda: about(format=True),
        "JSON that is a text": lambda: json_of(b'"hello"'),
        "JSON in another encoding": lambda: json_of(m[JSON].decode().encode("utf-16")),
        "no tensors": lambda: zip_of(m | {WEIGHTS: b""}),
        "a header of 2 GB": lambda: zip_of(m | {WEIGHTS: struct.pack("<Q", 2**31) + b"{}"}),
        "a header of 2^63 bytes": lambda: zip_of(m | {WEIGHTS: struct.pack("<Q", 2**63) + b"{}"}),
        "a header of 100,000 tensors": lambda: zip_of(
            m | {WEIGHTS: tensors({str(i): tensor([], 0) for i in range(10**5)})}
        ),
        "a header that is nested": lambda: zip_of(m | {WEIGHTS: tensors(b"[" * 10**5)}),
        "a tensor of 2^62 numbers": lambda: zip_of(m | {WEIGHTS: tensors({"x": tensor([2**31, 2**31], 4)}, bytes(4))}),
        "a tensor of no numbers": lambda: zip_of(m | {WEIGHTS: tensors({"x": tensor([0, 2**62], 0)})}),
        "a tensor of another kind": lambda: zip_of(m | {WEIGHTS: tensors({"x": tensor([1], 1, "F8_E8M0")}, b"a")}),
        "tensors that overlap": lambda: zip_of(m | {WEIGHTS: tensors({n: tensor([1], 4) for n in "xy"}, bytes(4))}),
        "encrypted": lambda: flagged(whole, 1),
        "encrypted strongly": lambda: flagged(whole, 0x40),
        "a patch": lambda: flagged(whole, 0x20),
        "an unknown method": lambda: flagged(whole, method=77),
        "the method of a newer zip": lambda: flagged(whole, method=93),
        "of a version to come": lambda: flagged(whole, version=255),
        "packed by lzma": lambda: zip_of(m, zipfile.ZIP_LZMA),
        "packed by bzip2": lambda: zip_of(m, zipfile.ZIP_BZIP2),
        "said to be packed by lzma": lambda: flagged(whole, method=14),
        "said to be packed by bzip2": lambda: flagged(whole, method=12),
        "a bomb": lambda: bomb(zipfile.ZIP_DEFLATED, WEIGHTS, 200, m),
        "a bomb of bzip2": lambda: bomb(zipfile.ZIP_BZIP2, WEIGHTS, 400, m),
        "a bomb of lzma": lambda: bomb(zipfile.ZIP_LZMA, JSON, 100, m),
        "40,000 members": lambda: _crowded(40_000),
        "a zip of another size": lambda: whole + b"PK\6\7" + bytes(16) + whole[-22:],
        "no end": lambda: whole[:-10],
        "an end alone": lambda: b"PK\5\6" + bytes(18),
        "damaged deflate": lambda: _damaged(m),
    }


def _crowded(count: int) -> bytes:
    """A zip whose list of members is long: what it lists is not there."""
    row = struct.pack("<4s4B4HL2L5H2L", b"PK\1\2", 20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    listed = row * count
    return listed + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count % 65536, count % 65536, len(listed), 0, 0)


def _damaged(members: Members) -> bytes:
    """Bytes of packed content that unpack to nothing."""
    content = bytearray(zip_of(members))
    packed = zlib.compressobj(wbits=-15)
    start = packed.compress(members[JSON]) + packed.flush()
    at = bytes(content).find(start[:40])
    at = at if at >= 0 else 60
    content[at : at + 40] = b"\xff" * 40
    return bytes(content)
