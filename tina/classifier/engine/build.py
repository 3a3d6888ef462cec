"""Build the engine: engine.c into three WebAssembly modules, and engine.json, which says of what and how.

python tina/classifier/engine/build.py [--out FOLDER]     (make engine)

It takes zig's clang (`pip install ziglang`, or zig) or clang with wasm-ld (`apt-get install clang lld`), whichever is
there. One that does not know an instruction leaves the module as it is.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
FLAGS = ["-O3", "-fno-builtin", "-nostdlib", "-Wl,--no-entry", "-Wl,--strip-all"]
KINDS = {  # best first: what engine.js tries in this order
    "relaxed": ["-msimd128", "-mrelaxed-simd"],
    "simd": ["-msimd128"],
    "plain": ["-mcpu=mvp"],
}


def compilers() -> list[list[str]]:
    """Commands that compile C for wasm32, the one that the modules in the repository are of first."""
    found = []
    if importlib.util.find_spec("ziglang"):
        found.append([sys.executable, "-m", "ziglang", "cc", "--target=wasm32-freestanding"])
    if zig := shutil.which("zig"):
        found.append([zig, "cc", "--target=wasm32-freestanding"])
    if (clang := shutil.which("clang")) and shutil.which("wasm-ld"):
        found.append([clang, "--target=wasm32"])
    return found


def version(compiler: list[str]) -> str:
    """What the compiler says that it is."""
    zig = "cc" in compiler
    command = [*compiler[: compiler.index("cc")], "version"] if zig else [compiler[0], "--version"]
    first = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
    return f"zig {first}" if zig else first


def digest(content: bytes) -> str:
    """SHA-256."""
    return hashlib.sha256(content).hexdigest()


def build(compiler: list[str], out: Path) -> dict[str, str]:
    """The modules' hashes by kind, of those that the compiler can make."""
    made = {}
    for kind, flags in KINDS.items():
        file = out / f"engine-{kind}.wasm"
        done = subprocess.run([*compiler, *FLAGS, *flags, "-o", str(file), str(HERE / "engine.c")], check=False)
        if done.returncode == 0:
            file.chmod(0o644)
            made[kind] = digest(file.read_bytes())
    return made


def main() -> None:
    """The program."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--out", type=Path, default=HERE)
    args = parser.parse_args()
    found = compilers()
    if not found:
        sys.exit("There is no compiler: pip install ziglang, or apt-get install clang lld.")
    args.out.mkdir(parents=True, exist_ok=True)
    compiler = found[0]
    shown = " ".join(["zig", *compiler[compiler.index("cc") :]] if "cc" in compiler else ["clang", *compiler[1:]])
    about = {
        "source_sha256": digest((HERE / "engine.c").read_bytes()),
        "compiler": version(compiler),
        "commands": {
            kind: f"{shown} {' '.join([*FLAGS, *flags])} -o engine-{kind}.wasm engine.c"
            for kind, flags in KINDS.items()
        },
        "sha256": build(compiler, args.out),
    }
    (args.out / "engine.json").write_text(json.dumps(about, indent=2) + "\n", "utf-8")
    for kind in about["sha256"]:
        print(f"engine-{kind}.wasm: {(args.out / f'engine-{kind}.wasm').stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
