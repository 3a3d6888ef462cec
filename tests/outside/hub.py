"""A stand-in for the Hugging Face Hub: as much of its HTTP API as publishing needs, which keeps files in memory."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "hf_" + "o" * 34  # the one user's
LARGE = 10_000_000  # bytes from which a file goes another way
REPO = r"(?:models/|spaces/)?[\w.-]+/[\w.-]+"


class Hub(ThreadingHTTPServer):
    """Repositories by kind and name, as path -> content; `asked` is what was asked for, in order."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repos: dict[str, dict[str, bytes]] = {}
        self.large: dict[str, bytes] = {}  # by their hash
        self.made: list[dict[str, Any]] = []  # what repositories were made with
        self.asked: list[str] = []
        self.hardware: list[str] = []
        self.gives_hardware = True
        self.front_matter: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}"


@contextmanager
def running() -> Iterator[Hub]:
    """A hub that answers until the block ends."""
    hub = Hub()
    threading.Thread(target=hub.serve_forever, daemon=True).start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_PUT(self) -> None:
        self._answer("PUT")

    def _answer(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) if method != "GET" else b""
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            body = self._chunks()
        path = self.path.partition("?")[0]
        self.server.asked.append(f"{method} {path}")
        if method == "PUT" and path.startswith("/large/"):  # an address that the hub gave, which needs no token
            assert hashlib.sha256(body).hexdigest() == path.removeprefix("/large/")
            self.server.large[path.removeprefix("/large/")] = body
            return self._send({})
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self._send({"error": "Invalid credentials"}, 401)
        for pattern, answer in _ANSWERS.items():
            if found := re.fullmatch(pattern, f"{method} {path}"):
                content, status = answer(self.server, body, *found.groups())
                return self._send(content, status)
        return self._send({"error": "not found"}, 404)

    def _chunks(self) -> bytes:
        parts = []
        while count := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(count))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _send(self, content: object, status: int = 200) -> None:
        text = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


def _create(hub: Hub, body: bytes) -> tuple[object, int]:
    about = json.loads(body)
    kind, name = about.get("type", "model"), f"{about.get('organization') or 'me'}/{about['name']}"
    key = f"{kind}s/{name}"
    place = f"{hub.url}/{'spaces/' if kind == 'space' else ''}{name}"
    if key in hub.repos:
        return {"error": "You already created this repo", "url": place}, 409
    hub.made.append(about)
    hub.repos[key] = {".gitattributes": b""}
    return {"url": place, "name": name, "id": name}, 200


def _validate(hub: Hub, body: bytes) -> tuple[object, int]:
    hub.front_matter.append(json.loads(body)["content"])
    return {"errors": [], "warnings": []}, 200


def _preupload(hub: Hub, body: bytes, repo: str) -> tuple[object, int]:
    def of(file: dict[str, Any]) -> dict[str, Any]:
        mode = "lfs" if file["size"] >= LARGE or file["path"].endswith(".safetensors") else "regular"
        return {"path": file["path"], "uploadMode": mode, "shouldIgnore": False}

    return {"files": [of(file) for file in json.loads(body)["files"]]}, 200


def _batch(hub: Hub, body: bytes, repo: str) -> tuple[object, int]:
    objects = [
        one | {"authenticated": True, "actions": {"upload": {"href": f"{hub.url}/large/{one['oid']}"}}}
        for one in json.loads(body)["objects"]
    ]
    return {"transfer": "basic", "objects": objects}, 200


def _commit(hub: Hub, body: bytes, repo: str) -> tuple[object, int]:
    files = hub.repos[repo]
    for line in body.splitlines():
        step = json.loads(line)
        value = step["value"]
        if step["key"] == "file":
            files[value["path"]] = base64.b64decode(value["content"])
        elif step["key"] == "lfsFile":
            files[value["path"]] = hub.large[value["oid"]]
        elif step["key"] == "deletedFile":
            del files[value["path"]]
    return {"success": True, "commitOid": "0" * 40, "commitUrl": f"{hub.url}/{repo}/commit/{'0' * 40}"}, 200


def _info(hub: Hub, body: bytes, repo: str) -> tuple[object, int]:
    if repo not in hub.repos:
        return {"error": "Repository not found"}, 404
    return {"id": repo.partition("/")[2], "siblings": [{"rfilename": path} for path in hub.repos[repo]]}, 200


def _tree(hub: Hub, body: bytes, repo: str) -> tuple[object, int]:
    files = hub.repos[repo].items()
    return [{"type": "file", "path": path, "size": len(content), "oid": "0"} for path, content in files], 200


def _hardware(hub: Hub, body: bytes, repo: str) -> tuple[object, int]:
    if not hub.gives_hardware:
        return {"error": "Payment required"}, 402
    hub.hardware.append(json.loads(body)["flavor"])
    return {"stage": "BUILDING", "hardware": {"current": None, "requested": hub.hardware[-1]}}, 200


def _lfs(hub: Hub, body: bytes, repo: str) -> tuple[object, int]:
    return _batch(hub, body, repo)


_ANSWERS = {
    r"POST /api/repos/create": _create,
    r"POST /api/validate-yaml": _validate,
    rf"POST /api/({REPO})/preupload/main": _preupload,
    rf"POST /({REPO})\.git/info/lfs/objects/batch": _lfs,
    rf"POST /api/({REPO})/commit/main": _commit,
    rf"GET /api/({REPO})/tree/main": _tree,
    rf"POST /api/({REPO})/hardware": _hardware,
    rf"GET /api/({REPO})(?:/revision/main)?": _info,
}
