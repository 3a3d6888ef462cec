"""README and docs tell the truth: their code runs, their commands are understood, their numbers are the measured ones.

Python blocks are run page by page, each page in one namespace, in a folder that has the files they name. Of the
commands those that take seconds are run; the others (hours, GPUs, the network) are read by the program's own parser.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import importlib.util
import inspect
import json
import re
import runpy
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from PIL import Image
from safetensors import safe_open

import tina
from tina import cli
from tina.encoder.encoder import EMBEDDED_FOLDER
from tina.encoder.hub import on_hub
from tina.generator.tina import Tina
from tina.paths import CHECKPOINTS, shipped
from tina.research import summary
from tina.research.judge.intervals import format_difference
from tina.ui.server.registry import BETTER_ENCODER
from tina.worlds import load_world

ROOT = Path(__file__).parents[1]
README, CONTRIBUTING = ROOT / "README.md", ROOT / "CONTRIBUTING.md"
PAGES = [README, CONTRIBUTING, *sorted((ROOT / "docs").glob("*.md"))]
TEXTS = [*PAGES, *(ROOT / name for name in ("CHANGELOG.md", "SECURITY.md"))]
CARDS = sorted(CHECKPOINTS.glob("*/README.md"))
IDS = [page.relative_to(ROOT).as_posix() for page in PAGES]

FAST = ("generate", "classify", "score", "checkpoints", "worlds")  # verbs that are run
WITHOUT_LINKS = ("teaching.md", "CHANGELOG.md", "SECURITY.md")  # and no pictures
WITHOUT_PARSER = ("tina.research.card", "tina.research.results", "tina.research.summary")  # these take files only
LAUNCHERS = r"(?:[A-Z_]+=\S+ )*(?:accelerate launch|torchrun --nproc_per_node \d+) -m (tina\S*)"


def prose(page: Path) -> str:
    """A page in one line, without its front matter."""
    text = page.read_text("utf-8")
    return " ".join(re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL).split())


def words(page: Path) -> int:
    """Everything that is read: tables and code count, front matter, pictures and marks do not."""
    text = prose(page)
    for unread in (r"<!--.*?-->", r"<picture>.*?</picture>", r"!\[[^\]]*\]\([^)]*\)"):
        text = re.sub(unread, " ", text)
    return len(text.split())


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def commands(page: Path) -> list[list[str]]:
    """The words of every command in a page's shell blocks; one may go over several lines."""
    found = []
    for block in blocks(page, "sh"):
        waiting = ""
        for line in block.splitlines():
            waiting += line + "\n"
            try:
                argv = shlex.split(waiting, comments=True)
            except ValueError:  # a quotation goes on
                continue
            if not line.endswith("\\"):
                found += [argv] if argv else []
                waiting = ""
        assert not waiting, waiting
    return found


def mentioned(page: Path) -> list[list[str]]:
    """The words of every command that a page shows elsewhere: in backticks, or in an indented line."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    spans = [" ".join(span.split()) for span in re.findall(r"`([^`]*)`", text)]
    lines = [
        part.strip() for span in [*spans, *re.findall(r"^ {4}(\S.*)$", text, re.MULTILINE)] for part in span.split("&&")
    ]
    return [shlex.split(line) for line in lines if re.match(r"(?:accelerate launch|python3?) -m tina", line)]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a space in its name, and with the files that the examples use."""
    desk = tmp_path_factory.mktemp("my desk")
    world = load_world("sketchbook")
    for file, name in {"boat.png": "sailboat", "picture.jpg": "snail", "a.jpg": "mug", "b.jpg": "mug"}.items():
        Image.fromarray(world.pictures("test", name, 2)[1]).save(desk / file)
    for label in ("my cat", "my dog"):
        (desk / "my" / "pictures" / label).mkdir(parents=True)
        for number, picture in enumerate(world.pictures("test", "cat", 4)):
            Image.fromarray(picture).save(desk / "my" / "pictures" / label / f"{number}.png")
    return desk


@pytest.fixture
def at_the_desk(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There, with every checkpoint loaded once, and without the photo archives: decoding them takes minutes."""
    monkeypatch.chdir(desk)
    monkeypatch.setattr(Tina, "from_pretrained", staticmethod(_loaded))
    monkeypatch.setattr("tina.worlds.archives.places", list)


_from_pretrained = Tina.from_pretrained
_loaded = functools.cache(lambda name=cli.DEFAULT: _from_pretrained(name))


@pytest.fixture(scope="module")
def endpoints() -> dict[str, inspect.Signature]:
    """What the page answers to programs; no checkpoint is loaded before somebody asks."""
    import gradio as gr

    from tina.ui.server import endpoints

    with gr.Blocks() as page:
        endpoints.add(None)
    return {f.api_name: inspect.signature(f.fn) for f in page.fns.values() if f.api_visibility == "public"}


# -- code -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("page", PAGES, ids=IDS)
@pytest.mark.usefixtures("at_the_desk")
def test_python_examples_run(page: Path) -> None:
    found: dict = {}
    for block in blocks(page, "python"):
        if "gradio_client" not in block:
            exec(compile(block, page.name, "exec"), found)
    if "classifier" in found:
        assert next(iter(found["classifier"].predict("boat.png"))) == "sailboat"


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_programs_ask_for_what_the_page_answers(page: Path, endpoints: dict[str, inspect.Signature]) -> None:
    """README's example is also run against a page (tests/browser)."""
    import ast

    for block in (block for block in blocks(page, "python") if "gradio_client" in block):
        calls = [node for node in ast.walk(ast.parse(block)) if isinstance(node, ast.Call) and node.keywords]
        assert calls
        for call in calls:
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            name = ast.literal_eval(given.pop("api_name")).removeprefix("/")
            endpoints[name].bind(**dict.fromkeys(given))
    for url, data in re.findall(r"gradio_api/call/(\S+)(?:.*-d '(.*?)')?", page.read_text("utf-8")):
        signature = endpoints[url.split("/")[0]]
        if data:
            signature.bind(*json.loads(data)["data"])


@pytest.mark.parametrize("page", PAGES, ids=IDS)
@pytest.mark.usefixtures("at_the_desk")
def test_commands_run_or_are_understood(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for argv in commands(page):
        line = shlex.join(argv)
        argv = argv[: argv.index(">")] if ">" in argv else argv
        if module := re.match(rf"(?:python3? -m (tina\S*)|{LAUNCHERS})", " ".join(argv)):
            name = module[1] or module[2]
            rest = argv[argv.index(name) + 1 :]
            if name == "tina" and rest[0] in FAST and not any("runs/" in word for word in rest):
                _run(tuple(rest))
            elif name in WITHOUT_PARSER:
                assert callable(importlib.import_module(name).main)
                assert all((ROOT / file).exists() for file in rest), line
            else:
                assert _understood(name, rest, monkeypatch), line
        elif argv[:2] in (["python", "app.py"], [".venv/bin/python", "app.py"]):
            assert _understood("app.py", argv[2:], monkeypatch), line
        elif argv[0] == "make":
            assert re.search(rf"^{argv[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE), line
        elif argv[:2] == [".venv/bin/pip", "install"]:
            project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
            extras = re.search(r"\.\[(.*)\]", argv[-1])[1].split(",")
            assert set(extras) <= set(project["optional-dependencies"]), line
        else:
            assert argv[0] in ("docker", "curl", "sudo", ".venv/bin/pre-commit"), f"nothing tests: {line}"


@pytest.mark.parametrize("page", [*PAGES, *CARDS], ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_beside_the_blocks_are_understood(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that is only named is there; `tina.research.{card,curves}` names two."""
    found = mentioned(page)
    assert found or page not in (README, CONTRIBUTING, *CARDS)
    for argv in found:
        name, *rest = argv[argv.index("-m") + 1 :]
        rest = rest[: rest.index(">")] if ">" in rest else rest
        start, _, several = name.removesuffix("}").partition("{")
        for module in (start + part for part in several.split(",")):
            if rest and module not in WITHOUT_PARSER:
                assert _understood(module, rest, monkeypatch), argv
            else:
                assert importlib.util.find_spec(module), argv
                assert all((ROOT / file).exists() for file in rest), argv


def test_pages_show_what_can_be_done() -> None:
    shown = {}
    for pages in ([README], PAGES):
        argvs = [argv for page in pages for argv in commands(page) + mentioned(page)]
        shown[len(pages)] = {argv[3] for argv in argvs if argv[:3] == ["python", "-m", "tina"]}
    assert {"generate", "classify", "score", "table"} <= shown[1]
    assert {"generate", "classify", "score", "table", "recipe"} <= shown[len(PAGES)]


_drawn: set[tuple[str, ...]] = set()


def _run(argv: tuple[str, ...]) -> None:
    """In this process; a contact sheet once, however many pages show how to draw it."""
    if "--sheet" not in argv or argv not in _drawn:
        cli.main(list(argv))
    _drawn.add(argv)


class _Parsed(Exception):
    pass


def _understood(module: str, argv: list[str], monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a program's own parser takes these words; the program goes no further."""
    parse = argparse.ArgumentParser.parse_args

    def parse_and_stop(self: argparse.ArgumentParser, *args, **kwargs):
        parse(self, *args, **kwargs)
        raise _Parsed

    with monkeypatch.context() as patch:
        patch.setattr(argparse.ArgumentParser, "parse_args", parse_and_stop)
        patch.setattr(sys, "argv", [module, *argv])
        try:
            if module == "app.py":
                runpy.run_path(str(ROOT / module), run_name="__main__")
            else:
                (cli if module == "tina" else importlib.import_module(module)).main(argv)
        except _Parsed:
            return True
        except SystemExit:
            return False
    raise AssertionError(f"{module} ran without parsing its words")


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_the_targets_of_make_that_are_named_are_there(page: Path) -> None:
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"`make ([\w-]+)", page.read_text("utf-8"))) <= set(targets)


# -- length, links, pictures ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("page", "most"), [(README, 1200), (CONTRIBUTING, 900)])
def test_pages_are_short(page: Path, most: int) -> None:
    assert words(page) <= most


@pytest.mark.parametrize("page", TEXTS, ids=lambda page: page.name)
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|srcset)="([^"]+)"', text)
    assert targets or page.name in WITHOUT_LINKS
    for target in (target for target in targets if not target.startswith("http")):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        if anchor:
            heads = re.findall(r"^#+ (.*)$", file.read_text("utf-8"), re.MULTILINE)
            assert anchor in [re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads], target


def test_the_readme_has_pictures() -> None:
    text = README.read_text("utf-8")
    shown = re.findall(r"!\[[^\]]*\]\(([^)\s]+)\)", text) + re.findall(r'<img[^>]* src="([^"]+)"', text)
    assert shown
    assert all((ROOT / path).is_file() for path in shown)


@pytest.mark.parametrize(
    "page", [*PAGES, ROOT / "SECURITY.md", *CARDS], ids=lambda page: page.relative_to(ROOT).as_posix()
)
def test_files_that_are_named_are_there(page: Path) -> None:
    text = re.sub(r"https?://\S+|<\w+>", lambda match: "*" if match[0][0] == "<" else "", page.read_text("utf-8"))
    named = re.findall(r"(?<![\w./~{}-])(?:tests|tina|docs|assets|checkpoints)/[\w./*-]+", text)
    missing = [name for name in named if not any(ROOT.glob(name.rstrip("./")))]
    assert not missing


# -- numbers ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_what_stands_between_marks_is_what_was_measured(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text == summary.filled(text), "python -m tina.research.summary README.md docs/*.md"


def test_every_mark_is_filled() -> None:
    assert "| **Tina** |" in README.read_text("utf-8")
    text = (ROOT / "docs" / "how-it-works.md").read_text("utf-8")
    assert "tasks exactly equal to plain transfer" in text
    assert "fine-tuning steps a second" in text


def test_the_readmes_sentences_say_what_the_tables_say() -> None:
    found, text = summary.tables(), prose(README)

    def gain(name: str, base: str) -> str:
        return format_difference(summary.difference(found[name], base, "ood"))

    def percent(name: str, method: str, split: str) -> str:
        return f"{100 * found[name][method, split]['accuracy']:.1f}"

    sketch, tiny = "sketchbook-cnn", "photos-tiny"
    tuned = gain(sketch, "tuned")
    assert tuned.startswith("-")
    equal = [
        summary.difference(found[name], "transfer 5 pictures", "unseen", "tina 5 pictures")["equal"] for name in found
    ]
    for sentence in (
        f"`{sketch}` is {gain(sketch, 'ridge')} points above ridge regression and {gain(sketch, 'slice')} above",
        f"fine-tuning for the task is {tuned[1:]} better still",
        f"`{tiny}` is {gain(tiny, 'slice')} above",
        f"({percent(sketch, 'encoder', 'ood')} and {percent(sketch, 'tina', 'ood')})",
        f"({percent(tiny, 'encoder', 'unseen')} and {percent(tiny, 'tina', 'unseen')} by name)",
        f"told apart {percent(sketch, 'tina', 'unseen').split('.')[0]}% of the time",
        f"in {' to '.join(map(str, sorted(set(equal))))} of 200 tasks",
    ):
        assert sentence in text


def test_the_zoos_are_as_large_as_is_said() -> None:
    text = prose(README)
    for name in shipped("zoo"):
        size = json.loads((CHECKPOINTS / name / "recipe.json").read_text())["classifiers"]
        assert re.search(rf"`{name}` \([^)]*{size:,}\b", text) or f"`{name}` ({size:,})" in text


def test_which_prior_each_checkpoint_has_is_said_as_it_is() -> None:
    text = (ROOT / "docs" / "how-it-works.md").read_text("utf-8")
    for name in shipped("zoo"):
        with safe_open(CHECKPOINTS / name / "model.safetensors", "pt") as file:
            kept = {part for key in file.keys() for part in re.findall(r"prior[._](values|rows)$", key)}  # noqa: SIM118
        kernels, rows = re.search(rf"\| `{name}` \| (.*?) \| (.*?) \|", text).groups()
        assert ("ridge" in kernels) == ("values" in kept), name
        assert ("generic" in rows) == ("rows" in kept), name


@pytest.mark.usefixtures("at_the_desk")
def test_the_shares_that_how_it_works_shows_are_what_comes_out() -> None:
    text = (ROOT / "docs" / "how-it-works.md").read_text("utf-8")
    rows = re.findall(r"^\| `([\w-]+)`[^:|]*: ([^|]+?) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$", text, re.MULTILINE)
    assert len(rows) == 4
    for name, prompt, *shares in rows:
        found = Tina.from_pretrained(name).generate(prompt).provenance
        assert list(found.values()) == pytest.approx([float(share) for share in shares], abs=0.01), (name, prompt)


def test_the_encoders_figures_are_the_measured_ones() -> None:
    lines = (ROOT / "docs" / "encoder.md").read_text("utf-8").splitlines()
    figures = json.loads((EMBEDDED_FOLDER / "figures.json").read_text())

    def line(start: str) -> str:
        return next(line for line in lines if line.startswith(f"| {start} |"))

    for table in ("zero-shot", "5-shot"):
        for kind, row in figures[table].items():
            assert f"{row['accuracy']} ± {row['interval']}" in line(kind), (table, kind)
    for what in ("gloss", "synonym"):
        for who in ("tower", "teacher"):
            assert f"{figures['words'][f'{who} {what}']}%" in line(f"{what} -> name")


def test_other_numbers_in_the_docs_are_the_measured_ones() -> None:
    folder = CHECKPOINTS / "sketchbook-cnn"
    curves, trials = (json.loads((folder / f"{name}.json").read_text()) for name in ("curves", "trials"))
    far = {row["method"]: row["distance"] for row in curves["memory"]}
    assert f"({far['tina']:.1f} and {far['fine-tuned as the zoo was']:.1f} times" in prose(ROOT / "docs" / "papers.md")
    loss = {row["trial"]: 100 * row["3 steps"]["accuracy"] for row in trials["rows"] if row["question"] == "loss"}
    gained = f"{loss['both'] - loss['denoising alone']:.1f} points beside denoising alone"
    assert gained in prose(ROOT / "docs" / "how-it-works.md")
    worth = summary.difference(summary.tables()["photos-tiny"], "slice", "ood")
    assert f"and is worth {100 * worth['accuracy']:.1f} points" in prose(ROOT / "docs" / "how-it-works.md")
    rows = summary.tables()["sketchbook-cnn"]
    name, five = (f"{100 * rows[of, 'unseen']['accuracy']:.0f}%" for of in ("tina", "tina 5 pictures"))
    assert f"(README: {name} and {five} of ten classes)" in prose(ROOT / "docs" / "teaching.md")


# -- the house --------------------------------------------------------------------------------------------------------
def test_the_front_matter_starts_the_app_on_a_space() -> None:
    front = yaml.safe_load(README.read_text("utf-8").split("---")[1])
    assert front["sdk"] == "gradio"
    assert (ROOT / front["app_file"]).is_file()
    pinned = re.search(r"gradio>=(\d+)\.(\d+)", (ROOT / "requirements.txt").read_text())
    assert front["sdk_version"].split(".")[:2] == [pinned[1], pinned[2]]
    repository, _ = on_hub(BETTER_ENCODER)
    assert [one.split()[0] for one in front["preload_from_hub"]] == [repository]


def test_one_version_everywhere() -> None:
    heads = re.findall(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert heads[0] == tina.__version__
    assert re.search(r"^version: (\S+)", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)[1] == tina.__version__


def test_what_security_says_is_tested_has_tests() -> None:
    named = set(re.findall(r"`(tests/[^`]*)`", (ROOT / "SECURITY.md").read_text("utf-8")))
    assert len(named) > 5
    assert all((ROOT / name).exists() for name in named), named


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).is_file()]


def test_the_repository_is_lean_and_free_of_pickles() -> None:
    files = _tracked()
    assert sum(file.stat().st_size for file in files) < 60_000_000
    assert not [file for file in files if file.suffix in (".pt", ".pth", ".pkl", ".pickle", ".bin", ".ckpt")]


def test_nothing_names_a_package_registry() -> None:
    hosts = re.compile("py" + r"pi\.(?:org|io)|python" + r"hosted\.org|index" + "-url https")
    named = [
        file.relative_to(ROOT).as_posix()
        for file in _tracked()
        if file.suffix not in (".safetensors", ".png", ".zip", ".wasm") and hosts.search(file.read_text("utf-8"))
    ]
    assert not named
