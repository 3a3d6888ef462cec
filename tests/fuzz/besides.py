"""What the files that did harm cost a server that runs, and how long somebody else waits meanwhile.

    python -m tests.fuzz.besides

For each attack: seconds until the answer, megabytes above what the server took before, the answer, and how long another
visitor's `generate` took that was asked at the same time. It ends with exit code 1 where an answer is no sentence.
"""

from __future__ import annotations

import base64
import json
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from tests.fuzz.attacks import zips
from tests.fuzz.cases import whole_zip
from tina.paths import DEFAULT
from tina.research.full_house.server import Server, serving

SECONDS, MEGABYTES, MEANWHILE = 2.0, 300, 3.0  # that are aimed at
LONGEST = 2000  # characters of a sentence


def main() -> int:
    """Prints a line for each attack."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    failed = 0
    with serving(DEFAULT, port) as server:
        _ask(server.url, "generate", "apple, snail", 0, 3, client=1)  # what is only made once is no attack's cost
        for number, (name, make) in enumerate(zips(whole_zip()).items()):
            content = base64.b64encode(make()).decode()
            before = _resident(server, reset=True)
            with ThreadPoolExecutor(2) as pool:
                attack = pool.submit(_ask, server.url, "score", content, client=2)
                other = pool.submit(_ask, server.url, "generate", "banana, moon", number, 3, client=3)
                (answer, seconds), (_, meanwhile) = attack.result(), other.result()
            more = max(0.0, _resident(server, "VmHWM") - before)
            over = seconds > SECONDS or more > MEGABYTES or meanwhile > MEANWHILE
            sentence, mark = str(answer), "OVER " if over else ""
            failed += not isinstance(answer, dict) and (len(sentence) > LONGEST or "\n" in sentence)
            print(f"{name:40} {seconds:6.2f} s {more:6.0f} MB {meanwhile:6.2f} s {mark}{sentence[:90]}", flush=True)
    return int(failed > 0)


def _ask(url: str, name: str, *data: object, client: int) -> tuple[Any, float]:
    """The answer, or the sentence of an error; and the seconds it took."""
    began, headers = time.perf_counter(), {"x-forwarded-for": f"10.9.0.{client}"}
    asked = httpx.post(f"{url}/gradio_api/call/{name}", json={"data": data}, headers=headers, timeout=300)
    if asked.status_code != 200:
        return asked.text, time.perf_counter() - began
    lines = httpx.get(f"{url}/gradio_api/call/{name}/{asked.json()['event_id']}", headers=headers, timeout=300).text
    found = json.loads(lines.strip().split("\n")[-1].removeprefix("data: "))
    answer = found[0] if isinstance(found, list) else (found or {}).get("error")
    return answer, time.perf_counter() - began


def _resident(server: Server, field: str = "VmRSS", reset: bool = False) -> float:
    folder = Path(f"/proc/{server.process.pid}")
    if reset:
        (folder / "clear_refs").write_text("5")
    lines = (folder / "status").read_text().splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith(field))


if __name__ == "__main__":
    sys.exit(main())
