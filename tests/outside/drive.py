"""Inside of what confined.py makes: starts app.py in this folder, uses it as a visitor and as a program would, and
prints what came of it as JSON. `python drive.py ZIP`."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

CLASSES = "apple, sailboat, snail"
OTHERS = "guitar, umbrella, bus"  # what was asked before is not computed again
PATIENCE = 900  # seconds for each part: the machine may be busy


def main(file: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    found: dict[str, object] = {"user": os.geteuid(), "writes": writable("."), "network": outside()}
    app = subprocess.Popen([sys.executable, "app.py", "--port", port], stdout=sys.stderr)
    try:
        url = f"http://127.0.0.1:{port}"
        until_it_answers(url, app)
        lent = "ZERO_GPU_LOG" in os.environ  # otherwise a CPU would train for long
        found |= {"visit": visit(url, CLASSES, lent), "again": visit(url, OTHERS, lent)}
        found |= program(url, Path(file))
    finally:
        app.send_signal(signal.SIGTERM)
        try:
            app.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            app.kill()
    print(json.dumps(found))


def until_it_answers(url: str, app: subprocess.Popen) -> None:
    begin = time.monotonic()
    while time.monotonic() - begin < PATIENCE:
        assert app.poll() is None, f"app.py ended with {app.returncode}"
        try:
            urllib.request.urlopen(f"{url}/config", timeout=30).read()
            return
        except OSError:
            time.sleep(0.5)
    raise TimeoutError("app.py does not answer")


def visit(url: str, classes: str, compare: bool) -> dict[str, object]:
    """What a browser asks for when Generate is clicked; and after it, to `compare`, for a fine-tuned classifier."""
    with urllib.request.urlopen(f"{url}/config", timeout=PATIENCE) as answer:
        config = json.load(answer)
    parts = {part["id"]: part["props"] for part in config["components"]}
    (button,) = (id for id, props in parts.items() if props.get("elem_id") == "go")
    session = base64.b32encode(os.urandom(8)).decode().strip("=").lower()

    def ask(event: dict) -> list[dict]:
        data = [classes if parts[id].get("elem_id") == "wanted" else parts[id].get("value") for id in event["inputs"]]
        words = {"data": data, "fn_index": event["id"], "session_hash": session, "trigger_id": button}
        post(f"{url}/gradio_api/queue/join", words)
        return until_completed(f"{url}/gradio_api/queue/data?session_hash={session}")

    clicked = next(one for one in config["dependencies"] if [button, "click"] in one["targets"])
    after = next(one for one in config["dependencies"] if one.get("trigger_after") == clicked["id"])
    messages = ask(clicked)
    trained = ask(after) if compare else messages
    kinds = [message["msg"] for message in messages]
    return {
        "steps": kinds.count("process_generating"),
        "success": messages[-1]["success"] and trained[-1]["success"],
        "told": [message["log"] for message in (*messages, *trained) if message["msg"] == "log"],
    }


def program(url: str, file: Path) -> dict[str, object]:
    """By gradio_client: a classifier as a zip, which is kept, and its score."""
    from gradio_client import Client

    client = Client(url, verbose=False, download_files=str(file.parent / "downloads"))
    made = client.predict(classes=CLASSES, seed=1, api_name="/generate")
    file.write_bytes(base64.b64decode(made["zip"]))
    scored = client.predict(zip=made["zip"], api_name="/score")
    return {"accuracy": made["accuracy"], "again_accuracy": scored["accuracy"]}


def post(url: str, content: dict) -> None:
    request = urllib.request.Request(url, json.dumps(content).encode(), {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=PATIENCE).read()


def until_completed(url: str) -> list[dict]:
    messages = []
    with urllib.request.urlopen(url, timeout=PATIENCE) as stream:
        for line in stream:
            if line.startswith(b"data:"):
                messages.append(json.loads(line[5:]))
                if messages[-1]["msg"] == "process_completed":
                    break
    return messages


def writable(folder: str) -> bool:
    try:
        (Path(folder) / "written").touch()
    except OSError:
        return False
    return True


def outside() -> bool:
    """Whether anything but this machine can be reached; an address for documentation is asked, which nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        try:
            line.connect(("192.0.2.1", 9))
        except OSError:
            return False
    return True


if __name__ == "__main__":
    main(*sys.argv[1:])
