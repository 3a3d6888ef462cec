"""The house keeps its own rules: what imports what, how long functions and files are, and docstrings."""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]
LONGEST_FUNCTION, MEDIAN_FILE = 80, 120
FILES = [file for file in sorted((ROOT / "tina").rglob("*.py")) if "drawings" not in file.parts]


def test_import_contracts_hold() -> None:
    """Those of pyproject.toml."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_nothing_imports_itself_by_a_detour() -> None:
    """No cycle of modules, also not of imports that are only for types or inside functions."""
    graph = grimp.build_graph("tina", cache_dir=None)
    modules = {module: set(graph.find_modules_directly_imported_by(module)) - {module} for module in graph.modules}
    while free := [module for module, imported in modules.items() if not imported & modules.keys()]:
        for module in free:
            del modules[module]
    assert not modules, f"these modules are in cycles, or import some that are: {sorted(modules)}"


def _functions() -> Iterator[tuple[str, int]]:
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{file.relative_to(ROOT)}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1


def test_functions_and_files_are_short() -> None:
    long = {name: lines for name, lines in _functions() if lines > LONGEST_FUNCTION}
    assert not long
    assert statistics.median(len(file.read_text("utf-8").splitlines()) for file in FILES) <= MEDIAN_FILE


@pytest.mark.parametrize("room", ["prompts", "encoder", "worlds", "blueprints", "generator", "classifier", "training"])
def test_whatever_is_public_is_documented(room: str) -> None:
    """Modules, classes and functions of the rooms that programs use."""
    missing = []
    for file in (file for file in FILES if file.parts[len(ROOT.parts) + 1] == room):
        tree = ast.parse(file.read_text("utf-8"))
        nodes = [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef))]
        for node in nodes:
            name = getattr(node, "name", "")
            dataclass = any("dataclass" in ast.unparse(one) for one in getattr(node, "decorator_list", []))
            if not name.startswith("_") and not ast.get_docstring(node) and not dataclass:
                missing.append(f"{file.relative_to(ROOT)} {name}")
    assert not missing
