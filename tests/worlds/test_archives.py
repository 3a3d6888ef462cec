"""Archives: fetched with care, read with suspicion."""

import functools
import hashlib
import http.server
import io
import tarfile
import threading
import zipfile
from pathlib import Path

import pytest

from tests.fuzz.attacks import bomb, flagged
from tests.fuzz.memory import measured
from tina.errors import MissingData, UserError
from tina.worlds.archives import Source, entries

CONTENT = bytes(range(256)) * 9000  # 2.3 MB


def zipped(path: Path, files: dict[str, bytes], **options) -> Path:
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def tarred(files: dict[str, bytes], mode: str = "w:gz") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def test_zips_tars_and_tars_inside_zips_are_read_alike(tmp_path: Path) -> None:
    files = {"a/1.txt": b"one", "b/2.txt": b"two"}
    (tmp_path / "x.tar.gz").write_bytes(tarred(files))
    for path in (
        zipped(tmp_path / "x.zip", files),
        tmp_path / "x.tar.gz",
        zipped(tmp_path / "nested.zip", {"inner.tar.gz": tarred(files)}),
    ):
        assert dict(entries(path)) == files


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a/../../b.png", "..\\evil.png", "C:/evil.png"])
def test_entries_that_point_outside_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "x.tar").write_bytes(tarred({name: b"x"}, "w"))
    for path in (zipped(tmp_path / "x.zip", {name: b"x"}), tmp_path / "x.tar"):
        with pytest.raises(UserError, match="points outside"):
            list(entries(path))


def test_zip_bombs_are_refused_unread(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "bomb.zip", {"a/0.png": b"\0" * 30_000_000}, compression=zipfile.ZIP_DEFLATED)
    assert bomb.stat().st_size < 100_000
    with pytest.raises(UserError, match="zip bomb"):
        next(entries(bomb))


def test_links_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("a/link.png")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        info = tarfile.TarInfo("a/link.png")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(info)
    for name in ("x.zip", "x.tar"):
        with pytest.raises(UserError, match="link"):
            list(entries(tmp_path / name))


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK])
@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_header_is_not_taken_into_memory_however_large(tmp_path: Path, kind: bytes, mode: str) -> None:
    """64 MB of zeros, a name that goes on and on; also in a tar inside a zip."""
    info, zeros = tarfile.TarInfo("a"), io.BytesIO(bytes(2**26))
    info.type, info.size = kind, 2**26
    (tmp_path / "a.tar").write_bytes(b"")
    with tarfile.open(tmp_path / "a.tar", mode) as archive:
        archive.fileobj.write(info.tobuf())
        archive.fileobj.write(zeros.getbuffer())
    inner = zipped(tmp_path / "b.zip", {"a.tar": (tmp_path / "a.tar").read_bytes()})
    for file in (tmp_path / "a.tar", inner):

        def read(file: Path = file) -> None:
            with pytest.raises(UserError, match="more than a megabyte"):
                list(entries(file))

        assert measured(read)[2] < 40


def test_a_damaged_archive_is_named(tmp_path: Path) -> None:
    whole = zipped(tmp_path / "x.zip", {"a/1.bin": CONTENT}).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "cut.tar.gz").write_bytes(tarred({"a": CONTENT})[:3000])
    for name in ("cut.zip", "cut.tar.gz"):
        with pytest.raises(UserError, match=name):
            list(entries(tmp_path / name))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_bomb_that_says_it_is_small_is_not_unpacked(tmp_path: Path, method: int) -> None:
    """Of these two methods Python's reader unpacks all that it is given, however little was asked for."""
    (tmp_path / "x.zip").write_bytes(bomb(method, "a/1.png", 400 if method == zipfile.ZIP_BZIP2 else 100, {}))

    def read() -> None:
        with pytest.raises(UserError, match="damaged" if method == zipfile.ZIP_LZMA else "packed in a way"):
            list(entries(tmp_path / "x.zip"))

    assert measured(read)[2] < 150


@pytest.mark.parametrize("change", [{"flag": 1}, {"method": 77}, {"flag": 0x40}])
def test_an_encrypted_or_unknown_entry_is_named(tmp_path: Path, change: dict) -> None:
    (tmp_path / "x.zip").write_bytes(flagged(zipped(tmp_path / "x.zip", {"a/1.bin": CONTENT}).read_bytes(), **change))
    with pytest.raises(UserError, match=r"x.zip: the entry 'a/1.bin' is encrypted, or packed"):
        list(entries(tmp_path / "x.zip"))


# -- fetching ---------------------------------------------------------------------------------------------------------
class Server(http.server.SimpleHTTPRequestHandler):
    """Serves CONTENT; understands "from this byte on"."""

    asked: list[str | None]

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        self.send_response(206 if wanted else 200)
        self.end_headers()
        self.wfile.write(CONTENT[start:])

    def log_message(self, *_) -> None: ...


@pytest.fixture
def home():
    handler = type("Handler", (Server,), {"asked": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/pictures.zip", handler.asked
        server.shutdown()


def source(url: str, md5: str | None = None) -> Source:
    return Source(("pictures.zip",), url, md5 or hashlib.md5(CONTENT).hexdigest(), len(CONTENT))


def test_a_missing_archive_is_fetched_once_with_a_bar(cache: Path, home, capsys: pytest.CaptureFixture) -> None:
    url, asked = home
    path = source(url).get()
    assert path.read_bytes() == CONTENT
    assert "pictures.zip" in capsys.readouterr().err
    assert asked == [None]


def test_a_broken_download_is_gone_on_with(cache: Path, home) -> None:
    url, asked = home
    folder = cache / "cache" / "data"
    folder.mkdir(parents=True)
    (folder / "pictures.zip.partial").write_bytes(CONTENT[:1_000_000])
    assert source(url).get().read_bytes() == CONTENT
    assert asked == ["bytes=1000000-"]


def test_a_damaged_download_is_thrown_away(cache: Path, home) -> None:
    with pytest.raises(MissingData, match="arrived damaged"):
        source(home[0], md5="0" * 32).get()
    assert not list((cache / "cache" / "data").iterdir())


def test_offline_one_sentence_says_what_to_put_where(cache: Path) -> None:
    with pytest.raises(MissingData, match=r"put pictures.zip into .*data.* it comes from http://127.0.0.1:9/") as error:
        source("http://127.0.0.1:9/pictures.zip").get()
    assert "\n" not in str(error.value)


def test_an_archive_on_this_machine_is_used_where_it_lies(cache: Path) -> None:
    (cache / "data" / "pictures.zip").write_bytes(CONTENT)
    assert source("http://127.0.0.1:9/").get() == cache / "data" / "pictures.zip"
