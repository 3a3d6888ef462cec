"""Archives: found on this machine or fetched, read in place, entry by entry, with no trust in their names and sizes."""

from __future__ import annotations

import hashlib
import os
import sys
import tarfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Self

from tina.errors import MissingData, UserError
from tina.zips import DAMAGED, METHODS, PLAIN, is_readable, open_zip, read_member

MAX_ENTRY = 256 * 2**20  # the largest honest one is a whole data set in one file (CIFAR: 154 MB)
MAX_TOTAL = 32 * 2**30
MAX_RATIO = 300  # a bomb unpacks to thousands of times its size; pictures hardly shrink
MAX_HEADER = 2**20  # what a tar says of an entry beside its name and size: it is taken into memory at once
HEADERS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)
TARS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")


def cache_folder() -> Path:
    """Where everything computed or fetched is kept: $TINA_CACHE or ~/.cache/tina."""
    return Path(os.environ.get("TINA_CACHE") or Path.home() / ".cache" / "tina")


def places() -> list[Path]:
    """Where archives are looked for, in order."""
    beside = Path(__file__).parents[3] / "shared" / "data"
    named = os.environ.get("TINA_DATA")
    return ([Path(named).expanduser()] if named else []) + [cache_folder() / "data", Path("../shared/data"), beside]


@dataclass(frozen=True)
class Source:
    """One archive: the names it may have here, and where it is at home."""

    names: tuple[str, ...]  # the first is the name it is fetched under
    url: str
    md5: str
    size: int

    def find(self) -> Path | None:
        """Its path on this machine, or None."""
        return next((p / n for p in places() for n in self.names if (p / n).is_file()), None)

    def get(self, progress: Callable[[int], None] | None = None) -> Path:
        """Its path on this machine; it is fetched first where it is missing. `progress` as for `fetch`."""
        return self.find() or fetch(self, cache_folder() / "data" / self.names[0], progress)


def fetch(source: Source, target: Path, progress: Callable[[int], None] | None = None) -> Path:
    """Download an archive with a progress bar, going on with a download that broke off, and check its hash.

    Args:
        source: the archive.
        target: where it goes.
        progress: is told how many bytes are here.

    Returns:
        `target`. MissingData where the archive cannot be had.
    """
    from tqdm.auto import tqdm

    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    have = partial.stat().st_size if partial.exists() else 0
    advice = f"put {target.name} into {target.parent} (or set TINA_DATA to its folder); it comes from {source.url}"
    try:
        if have < source.size:
            request = urllib.request.Request(source.url, headers={"Range": f"bytes={have}-"} if have else {})
            with urllib.request.urlopen(request, timeout=30) as answer, open(partial, "ab") as file:
                if have and answer.status != 206:  # the server starts from the beginning
                    file.truncate(0)
                    have = 0
                bar = tqdm(
                    total=source.size, initial=have, unit="B", unit_scale=True, desc=target.name, file=sys.stderr
                )
                with bar:
                    while block := answer.read(1 << 20):
                        file.write(block)
                        bar.update(len(block))
                        if progress:
                            progress(int(bar.n))
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise MissingData(f"{target.name} is not on this machine and its home cannot be reached: {advice}.") from error
    digest = hashlib.md5()
    with open(partial, "rb") as file:
        while block := file.read(1 << 22):
            digest.update(block)
    if digest.hexdigest() != source.md5:
        partial.unlink()
        raise MissingData(f"{target.name} arrived damaged and was thrown away: try again, or {advice}.")
    partial.rename(target)
    return target


def is_archive(path: str | Path) -> bool:
    """Whether a path's name is that of a zip or tar."""
    return str(path).lower().endswith((".zip", *TARS))


def entries(path: Path) -> Iterator[tuple[str, bytes]]:
    """Every file in an archive, tars inside zips included.

    Args:
        path: a zip or tar.

    Yields:
        (name, content). A UserError where an entry is a link, points outside or unpacks to too much.
    """
    try:
        if zipfile.is_zipfile(path):
            with open_zip(path) as archive:
                yield from _zip_entries(archive, path.name)
        else:
            yield from _tar(path)
    except PermissionError as error:
        raise UserError(f"{path}: this file may not be read.") from error
    except (*DAMAGED, tarfile.TarError) as error:
        raise UserError(f"{path}: the archive is damaged or cut short.") from error


def nested_tars(path: Path) -> Iterator[tuple[str, Iterator[tuple[str, bytes]]]]:
    """The tars in a tar, one after the other; each is read only as far as somebody asks.

    Args:
        path: of the outer one.

    Yields:
        (name, its entries). A UserError where an entry is a link, points outside or unpacks to too much.
    """
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                if member.isfile() and member.name.lower().endswith(TARS):
                    _check(path.name, member.name, 0, 0)
                    with tarfile.open(fileobj=archive.extractfile(member), mode="r|*") as inner:
                        yield member.name, _tar_entries(inner, f"{path.name}/{member.name}")
    except PermissionError as error:
        raise UserError(f"{path}: this file may not be read.") from error
    except (*DAMAGED, tarfile.TarError) as error:
        raise UserError(f"{path}: the archive is damaged or cut short.") from error


def _check(archive: str, name: str, size: int, total: int) -> None:
    inner = PurePosixPath(name.replace("\\", "/"))
    if inner.is_absolute() or ".." in inner.parts or (inner.parts and ":" in inner.parts[0]):
        raise UserError(f"{archive}: the entry {name!r} points outside the archive; nothing was read.")
    if size > MAX_ENTRY or total > MAX_TOTAL:
        raise UserError(f"{archive}: unpacks to more than is reasonable ({name!r}); nothing more was read.")


def _zip_entries(archive: zipfile.ZipFile, title: str) -> Iterator[tuple[str, bytes]]:
    infos = [i for i in archive.infolist() if not i.is_dir()]
    total = 0
    for info in infos:  # the whole directory is looked at before anything is read
        total += info.file_size
        nested = info.filename.lower().endswith(TARS)
        _check(title, info.filename, 0 if nested else info.file_size, total)
        if (info.external_attr >> 16) & 0o170000 == 0o120000:
            raise UserError(f"{title}: the entry {info.filename!r} is a symbolic link; nothing was read.")
        if info.file_size > 2**20 and info.file_size > MAX_RATIO * max(1, info.compress_size):
            raise UserError(f"{title}: the entry {info.filename!r} is packed like a zip bomb; nothing was read.")
        if not is_readable(info, PLAIN if nested else METHODS):
            raise UserError(
                f"{title}: the entry {info.filename!r} is encrypted, or packed in a way that is not read here; nothing "
                "was read."
            )
    for info in infos:
        if info.filename.lower().endswith(TARS):
            with archive.open(info) as stream, tarfile.open(fileobj=stream, mode="r|*", tarinfo=SmallHeader) as inner:
                yield from _tar_entries(inner, f"{title}/{info.filename}")
        else:
            yield info.filename, read_member(archive, info, MAX_ENTRY)


class SmallHeader(tarfile.TarInfo):
    """What a tar says of an entry; refused where that is large."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Before what it says is read."""
        found = super().frombuf(buf, encoding, errors)
        if found.type in HEADERS and found.size > MAX_HEADER:
            raise UserError("A tar that says more than a megabyte of one entry is not read.")
        return found


def _tar(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        archive = tarfile.open(path, tarinfo=SmallHeader)  # noqa: SIM115 (closed below; errors in it are others)
    except tarfile.ReadError as error:
        raise UserError(f"{path}: neither a zip nor a tar archive.") from error
    with archive:
        yield from _tar_entries(archive, path.name)


def _tar_entries(archive: tarfile.TarFile, title: str) -> Iterator[tuple[str, bytes]]:
    total = 0
    for member in archive:
        if member.issym() or member.islnk():
            raise UserError(f"{title}: the entry {member.name!r} is a link; nothing more was read.")
        if not member.isfile():
            continue
        total += member.size
        _check(title, member.name, member.size, total)
        file = archive.extractfile(member)
        yield member.name, file.read() if file else b""
