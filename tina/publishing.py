"""Tina on the Hugging Face Hub: the page as a Space, a checkpoint as a model.

    files = space_files("me/tina", zero_gpu=True)        # path there -> a file here, or its content
    upload(files, "me/tina", "space")                    # with the user's own token (`hf auth login`, or HF_TOKEN)

A Space gets what the page needs and nothing else: the package without its research, the checkpoints, and a README whose
front matter and a requirements.txt whose torch are those that its hardware can run.
"""

from __future__ import annotations

import json
import re
import tomllib
from importlib import metadata
from pathlib import Path

from tina import __version__
from tina.errors import UserError
from tina.paths import CHECKPOINTS, DEFAULT, HERE, shipped

__all__ = ["DEFAULT", "ZERO_GPU", "checkpoint_files", "requirements", "size", "space_files", "upload"]

Files = dict[str, Path | str]
ROOT = HERE.parent
IS_CHECKOUT = (ROOT / "pyproject.toml").is_file()  # and no installed package
ZERO_GPU = "zero-a10g"  # what the Hub calls this hardware
TORCH = {"torch": ">=2.8,<2.12", "torchvision": ">=0.23,<0.27"}  # of ZeroGPU, which has Python 3.10.13 and 3.12.12
BETTER_EYES = "laion/CLIP-ViT-B-32-laion2B-s34B-b79K"  # of the button that offers them; fetched when the Space is built
BETTER_EYES_FILE = "open_clip_model.safetensors"
LEFT_OUT = ("research", "checkpoints")  # of the package; checkpoints lie beside it
THUMBNAIL = "assets/page-wide-light.png"
OF_CHECKPOINT = (".json", ".safetensors", ".md")
APP = """\
import sys

from tina.cli import main

if __name__ == "__main__":
    main(["app", *sys.argv[1:]])
"""
ABOUT = """
# Tina

**Say what you want to recognise, or show it, and get a small image classifier for exactly that, in a fraction of a
second and without training it.** Type some things and press **Generate**; try the classifier, and take it with you as a
zip, as an ONNX file, or as one web page that works offline. Programs ask by REST, gradio_client or MCP: `/?view=api`
says how.
"""


def space_files(name: str, zero_gpu: bool = False) -> Files:
    """Everything that a Space has, by its path there.

    Args:
        name: OWNER/NAME of the Space.
        zero_gpu: for hardware that lends GPUs (Python and torch are the ones that it has).
    """
    check_name(name)
    files: Files = {
        "README.md": front_matter(name, zero_gpu) + ABOUT,
        "app.py": APP,
        "requirements.txt": "".join(f"{line}\n" for line in requirements(zero_gpu)),
    }
    for extra in ("LICENSE", THUMBNAIL):
        if IS_CHECKOUT:
            files[extra] = ROOT / extra
    files |= {f"tina/{path.relative_to(HERE).as_posix()}": path for path in _files_in(HERE) if not _is_left_out(path)}
    for folder in ("encoder", *shipped()):
        place = CHECKPOINTS / folder
        files |= {f"checkpoints/{folder}/{path.relative_to(place).as_posix()}": path for path in _files_in(place)}
    return files


def checkpoint_files(checkpoint: str) -> Files:
    """Everything that a Tina has on the Hub: its config and tensors, its card, its results.

    Args:
        checkpoint: one that ships, or a folder.
    """
    folder = CHECKPOINTS / checkpoint if checkpoint in shipped() else Path(checkpoint).expanduser()
    if not all((folder / file).is_file() for file in ("config.json", "model.safetensors")):
        raise UserError(f"There is no checkpoint {checkpoint!r}: it is one of {', '.join(shipped())}, or a folder.")
    files: Files = {
        path.name: path for path in sorted(folder.iterdir()) if path.is_file() and path.suffix in OF_CHECKPOINT
    }
    if "README.md" not in files:
        tags = "[hypernetwork, weight-generation, image-classification]"
        files["README.md"] = f"---\nlibrary_name: tina\ntags: {tags}\n---\n\n# A Tina\n\nIt writes image classifiers.\n"
    return files


def requirements(zero_gpu: bool = False) -> list[str]:
    """What a Space installs: what the package needs, with the endpoints as MCP tools."""
    needed = []
    for line in dependencies():
        name = re.split(r"[\s<>=!~\[;]", line, maxsplit=1)[0]
        if name == "gradio":
            line = line.replace("gradio", "gradio[mcp]", 1)
        if zero_gpu and name in TORCH:
            line = name + TORCH[name]
        needed.append(line)
    return [*needed, "spaces"] if zero_gpu else needed


def front_matter(name: str, zero_gpu: bool) -> str:
    """The head of the Space's README, which the Hub builds it by."""
    gradio = next(line for line in dependencies() if line.startswith("gradio"))
    version = re.search(r">=(\d+)\.(\d+)", gradio)
    assert version, gradio
    rows = {
        "title": "Tina",
        "emoji": "🐌",
        "colorFrom": "yellow",
        "colorTo": "red",
        "sdk": "gradio",
        "sdk_version": f"{version[1]}.{version[2]}.0",
        "python_version": "3.12.12",
        "app_file": "app.py",
        "suggested_hardware": ZERO_GPU if zero_gpu else "cpu-basic",
        "short_description": "Say the classes, get the classifier.",
        "header": "mini",
        "license": "apache-2.0",
        "models": [BETTER_EYES],
        "preload_from_hub": [f"{BETTER_EYES} {BETTER_EYES_FILE}"],
        "tags": ["mcp-server"],
    }
    if IS_CHECKOUT:
        rows["thumbnail"] = f"https://huggingface.co/spaces/{name}/resolve/main/{THUMBNAIL}"
    return "---\n" + "".join(f"{key}: {json.dumps(row, ensure_ascii=False)}\n" for key, row in rows.items()) + "---\n"


def size(content: Path | str) -> int:
    """Bytes of a file, or of what one will hold."""
    return len(content.encode()) if isinstance(content, str) else content.stat().st_size


def upload(
    files: Files, name: str, what: str, *, private: bool = False, hardware: str | None = None
) -> tuple[str, str]:
    """Put files on the Hub in one commit, with the user's own token.

    Args:
        files: by path; what lies beside them in the same folders, and is none of them, is removed.
        name: OWNER/NAME; it is made where it is not there.
        what: "space" or "checkpoint".
        private: of one that is made.
        hardware: that is asked for.

    Returns:
        Its address, and a note where there is something left to do.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, SpaceHardware, get_token
    from huggingface_hub.errors import HfHubHTTPError

    check_name(name)
    if get_token() is None:
        raise UserError("The Hub wants to know who you are: `hf auth login`, or your token in HF_TOKEN.")
    kind, api = "space" if what == "space" else "model", HfApi()
    note = ""
    try:
        made = api.create_repo(
            name, repo_type=kind, private=private, exist_ok=True, space_sdk="gradio" if kind == "space" else None
        )
        there = api.list_repo_files(name, repo_type=kind)
        folders = tuple({path.partition("/")[0] + "/" for path in files if "/" in path})
        old = [path for path in there if path.startswith(folders) and path not in files] if folders else []
        operations = [
            CommitOperationAdd(path, content.encode() if isinstance(content, str) else content)
            for path, content in files.items()
        ]
        api.create_commit(
            name,
            [*operations, *map(CommitOperationDelete, old)],
            repo_type=kind,
            commit_message=f"Tina {__version__}",
        )
    except (HfHubHTTPError, OSError, ValueError) as error:
        raise UserError(f"{name} could not be published: {_reason(error)}") from None
    if hardware:
        try:
            api.request_space_hardware(name, SpaceHardware(hardware))
        except (HfHubHTTPError, OSError):
            note = "The hardware was not given: choose ZeroGPU in the Space's settings, where your account may."
    return str(made), note


def check_name(name: str) -> None:
    """A UserError unless it is OWNER/NAME."""
    if not re.fullmatch(r"[\w.-]{1,96}/[\w.-]{1,96}", name):
        raise UserError(f"A place on the Hub is OWNER/NAME, and not {name!r}.")


def _reason(error: Exception) -> str:
    """In one line; a token stands in headers, which no message has."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    known = {401: "your token was not accepted", 403: "your token may not write there", 404: "there is no such place"}
    return f"{known.get(status or 0, str(error).splitlines()[0] if str(error) else type(error).__name__)}."


def dependencies() -> list[str]:
    """Of a checkout its own list, of an installed package what it was installed with."""
    if IS_CHECKOUT:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        return [str(line) for line in project["dependencies"]]
    return [line for line in metadata.requires("tina") or [] if "extra ==" not in line]


def _files_in(folder: Path) -> list[Path]:
    """Of a folder and those in it, but for what is hidden or compiled."""

    def belongs(path: Path) -> bool:
        return not any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(folder).parts)

    return [path for path in sorted(folder.rglob("*")) if path.is_file() and belongs(path)]


def _is_left_out(path: Path) -> bool:
    return path.relative_to(HERE).parts[0] in LEFT_OUT
