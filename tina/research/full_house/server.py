"""A server of one's own for as long as it is visited: what it takes, and what it leaves behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tina.errors import UserError

START = "import sys; from tina.ui.page import launch; launch(port=int(sys.argv[1]), checkpoint=sys.argv[2])"
PATIENCE = 600  # seconds until it answers
GRACE = 30  # seconds until it has ended, once it is told to


@dataclass
class Server:
    """One process, and what is known of it afterwards."""

    url: str
    process: subprocess.Popen
    temporary: Path
    megabytes: list[float] = field(default_factory=list)  # resident, as often as it was looked at
    computing: list[float] = field(default_factory=list)  # seconds of its processor time, likewise
    left: list[str] = field(default_factory=list)  # files that it left behind
    ended: int | None = None  # its exit code

    def look(self) -> None:
        """How much memory it takes just now, and how much it has computed, where the system tells."""
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
            times = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        except OSError:
            return
        self.computing.append(sum(map(int, times)) / os.sysconf("SC_CLK_TCK"))
        self.megabytes += [float(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS")]


@contextmanager
def serving(checkpoint: str, port: int) -> Iterator[Server]:
    """Starts it, and ends it as a system does: with SIGTERM."""
    with tempfile.TemporaryDirectory() as folder:
        own = {"TMPDIR": folder, "TINA_PROXIES": "1", "GRADIO_ANALYTICS_ENABLED": "False"}
        process = subprocess.Popen(
            [sys.executable, "-c", START, str(port), checkpoint], env=os.environ | own, stdout=subprocess.DEVNULL
        )
        server = Server(f"http://127.0.0.1:{port}", process, Path(folder))
        try:
            _wait(server)
            yield server
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                server.ended = process.wait(GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
            server.left = [str(file.relative_to(folder)) for file in Path(folder).rglob("*") if file.is_file()]


def _wait(server: Server) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if server.process.poll() is not None:
            raise UserError("The server ended before it answered.")
        try:
            if httpx.get(f"{server.url}/config", timeout=10).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.5)
    raise UserError(f"The server did not answer within {PATIENCE} seconds.")
