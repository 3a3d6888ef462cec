"""What a visitor's browser fetches to answer by itself, once it is first needed: the engine's programs, and the image
tower that classifiers of photographs stand on. Nothing of a visitor is in either.

    engine/<hash>.js      programs: the engine's, those of cards and picker, those of lesson and projector; the hash is
                          of their text
    engine/<hash>.bin     a tower; the hash is of what it is packed from, and of the program that packs

So both are kept for good by whoever has them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path
from threading import Lock

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tina.blueprints.tower import TowerHeads
from tina.classifier import tower_bytes, tower_layers
from tina.classifier.tower_bytes import ALIGN, LARGE, pack_tower
from tina.classifier.webpage import program
from tina.storage import tensor_digest, write_atomically
from tina.ui.server.assets import FOR_GOOD, kept_for_good
from tina.worlds.archives import cache_folder

FOLDER = "engine"  # of their addresses
PROGRAMS = ("engine", "picture", "drawn", "classifier", "rows")
STATIC = Path(__file__).parents[1] / "static"
DESK = [STATIC / name for name in ("record.js", "card.js", "picker.js", "enlarge.js")]
SCHOOL = [STATIC / name for name in ("room.js", "lesson.js", "present.js")]
BITS = 8  # of a tower's weight


@cache
def programs() -> tuple[str, bytes]:
    """Address and text of the engine and all that is around it."""
    return _addressed(program(*PROGRAMS).encode() + (STATIC / "here.js").read_bytes())


@cache
def desk_programs() -> tuple[str, bytes]:
    """Address and text of what is opened by hand: a card, the picker, kernels looked at large."""
    return _addressed(b"".join(file.read_bytes() for file in DESK))


@cache
def school_programs() -> tuple[str, bytes]:
    """Address and text of what lesson and projector run; the projector's rules come with it."""
    rules = (STATIC / "wall.css").read_text("utf-8")
    rules += f"html.present.present.present #tina {{ {(STATIC / 'present.css').read_text('utf-8')} }}"
    style = f'document.head.append(TinaPage.tag("style", {{}}, {json.dumps(rules)}));\n'
    return _addressed(style.encode() + b"".join(file.read_bytes() for file in SCHOOL))


def _addressed(text: bytes) -> tuple[str, bytes]:
    return f"{FOLDER}/{hashlib.sha256(text).hexdigest()[:16]}.js", text


class TowerFile:
    """A tower as one file: the length of its description (four bytes), the description as JSON, weights.

    It is packed when it is first asked for, which takes seconds, and then kept in the cache folder.
    """

    def __init__(self, blueprint: TowerHeads):
        """
        Args:
            blueprint: on a tower of which `on_layers` says yes.
        """
        self.blueprint, self._lock = blueprint, Lock()
        digest = hashlib.sha256(blueprint.backbone_hash.encode())
        digest.update(tensor_digest(blueprint.backbone.get_submodule("features").state_dict()).encode())
        for module in (tower_bytes, tower_layers):
            digest.update(Path(str(module.__file__)).read_bytes())
        self.address = f"{FOLDER}/{digest.hexdigest()[:16]}-{BITS}.bin"

    @cached_property
    def size(self) -> int:
        """Bytes, nearly: what is known without packing."""
        network = self.blueprint.backbone.get_submodule("tower.network").state_dict().values()
        features = self.blueprint.backbone.get_submodule("features").state_dict().values()
        weights = [one for one in network if one.dim() == 4]
        each = sum(one.numel() * (BITS // 8 if one.numel() >= LARGE else 2) for one in weights)
        return each + 8 * sum(len(one) for one in weights) + sum(2 * one.numel() for one in features)  # scale and bias

    def content(self) -> bytes:
        """The file, made once."""
        with self._lock:
            return self._content

    @cached_property
    def _content(self) -> bytes:
        kept = cache_folder() / "towers" / Path(self.address).name
        with suppress(OSError):
            return kept.read_bytes()
        description, weights = pack_tower(self.blueprint, BITS)
        about = json.dumps(description, separators=(",", ":")).encode()
        head = len(about).to_bytes(4, "little") + about
        content = head + bytes(-len(head) % ALIGN) + weights
        with suppress(OSError), write_atomically(kept) as file:  # a cache that cannot be written to is none
            file.write_bytes(content)
        return content

    @cached_property
    def tag(self) -> str:
        """Of the content, as ETag has it."""
        return f'"{hashlib.sha256(self.content()).hexdigest()[:32]}"'


class EngineFiles:
    """A middleware that answers for these files, and lets everything else pass."""

    def __init__(self, app: ASGIApp, find: Callable[[str], TowerFile | None]):
        """
        Args:
            app: for everything else.
            find: the tower at an address; None where there is none.
        """
        self.app, self.find = app, find

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope["type"] == "http" and scope["method"] == "GET" and scope["path"].startswith(f"/{FOLDER}/")
        answer = await self._answer(scope["path"][1:], Headers(scope=scope)) if asked else None
        await (answer or self.app)(scope, receive, send)

    async def _answer(self, address: str, headers: Headers) -> Response | None:
        for ours in (programs(), desk_programs(), school_programs()):
            if address == ours[0]:
                return _programs(ours[1], "br" in headers.get("accept-encoding", ""))
        tower = self.find(address)
        if tower is None:
            return None
        tag = await run_in_threadpool(lambda: tower.tag)
        about = {"etag": tag, "cache-control": FOR_GOOD}
        if headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=about)
        return Response(tower.content(), headers=about, media_type="application/octet-stream")


@cache  # of both, as it is and compressed
def _programs(text: bytes, small: bool) -> Response:
    return kept_for_good(text, "text/javascript", small)
