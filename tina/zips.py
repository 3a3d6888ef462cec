"""Zips from anywhere, opened and read without trust: their directory, methods and sizes are looked at before content.

    with open_zip(file, directory=64 * 2**10) as archive:
        content = read_member(archive, archive.getinfo("weights.safetensors"), most=64 * 2**20)

Both raise one of `DAMAGED` for a file that is none, or not as it should be, and nothing else.
"""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from pathlib import Path

# What Python's readers raise for a damaged zip. Whatever else comes out of them is a mistake of ours.
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    ValueError,  # also names in no encoding, and what is raised here
    OverflowError,  # an offset beyond any file
    NotImplementedError,  # a version that is not known
    KeyError,  # no such member
)
PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # of these a part unpacks to no more than was asked for
METHODS = (*PLAIN, zipfile.ZIP_LZMA)  # not bzip2, of which Python's reader unpacks gigabytes from a few bytes
NOT_READABLE = 0x1 | 0x20 | 0x40  # flags: encrypted, a patch, encrypted strongly
END, LOCATOR = b"PK\5\6", b"PK\6\7"  # where the directory is, and that it is elsewhere in a zip of more than 4 GB
END_SIZE, LOCATOR_SIZE, COMMENT = 22, 20, 2**16
STEP, SMALL_STEP = 2**20, 2**12  # bytes read at once; 4 KB of lzma unpack to 30 MB at the very most


def open_zip(file: Path, directory: int | None = None) -> zipfile.ZipFile:
    """A zip to read.

    Args:
        file: its path.
        directory: the most bytes that its list of members may take: a long one takes long to read, whatever follows.
    """
    if directory is not None and _directory_size(file) > directory:
        raise ValueError("there are too many members")
    return zipfile.ZipFile(file)


def read_member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int, methods: tuple[int, ...] = METHODS
) -> bytes:
    """The content of a member.

    Args:
        archive: from `open_zip`.
        info: which member.
        most: the most bytes that it may unpack to.
        methods: how it may be packed.
    """
    if info.file_size > most:
        raise ValueError(f"{info.filename!r} is too large")
    if not is_readable(info, methods):
        raise ValueError(f"{info.filename!r} is encrypted, or packed in another way")
    step = STEP if info.compress_type in PLAIN else SMALL_STEP
    with archive.open(info) as member:
        parts = []
        while part := member.read(step):
            parts.append(part)
    content = b"".join(parts)
    if len(content) != info.file_size:
        raise EOFError(f"{info.filename!r} is cut short")
    return content


def is_readable(info: zipfile.ZipInfo, methods: tuple[int, ...] = METHODS) -> bool:
    """Whether a member is packed in one of these ways, and not encrypted."""
    return not info.flag_bits & NOT_READABLE and info.compress_type in methods


def _directory_size(file: Path) -> int:
    """As the zip's end says, which is what Python's reader goes by."""
    with file.open("rb") as opened:
        opened.seek(0, 2)
        opened.seek(max(0, opened.tell() - END_SIZE - LOCATOR_SIZE - COMMENT))
        tail = opened.read()
    at = tail.rfind(END)
    if at < 0 or len(tail) - at < END_SIZE:
        raise zipfile.BadZipFile("it has no end")
    if at >= LOCATOR_SIZE and tail[at - LOCATOR_SIZE :].startswith(LOCATOR):
        raise ValueError("it is of the kind for more than 4 GB")
    return int.from_bytes(tail[at + 12 : at + 16], "little")
