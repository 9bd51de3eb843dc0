"""The folders are the architecture: who may import whom, and how large things may grow."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("markup", "media", "sip", "voice", "samples")
LEAVES = ("markup", "media", "sip")
THIRD_PARTIES: dict[str, dict[str, tuple[str, ...]]] = {
    "markup": {},
    "media": {
        "numpy": ("",),
        "av": ("media/files.py", "media/mp3.py", "media/webrtc/opus.py"),
        "aiortc": ("media/webrtc/",),
        "aioice": ("media/webrtc/path.py", "media/webrtc/link.py"),
        "pylibsrtp": ("media/webrtc/secrecy.py",),
        "soxr": ("media/",),
        "pocketsphinx": ("media/recognition/sphinx.py",),
        "vosk": ("media/recognition/vosk.py",),
        "faster_whisper": ("media/recognition/whisper.py",),
        "httpx": ("media/recognition/remote.py", "media/speech/remote.py"),
        "babel": ("media/speech/",),
        "espeakng_loader": ("media/speech/espeak.py",),
        "piper": ("media/speech/piper.py",),
        "onnxruntime": ("media/speech/piper.py",),
    },
    "sip": {"numpy": ("",), "pjsua2": ("sip/pjsua/binding.py",), "_pjsua2": ("sip/pjsua/binding.py",)},
}
"""Per leaf, what it may import beyond the standard library, and in which files (prefixes; an empty one is everywhere)."""


def _modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


ALL = [path for package in PACKAGES for path in _modules(package)]


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("leaf", LEAVES)
def test_a_leaf_imports_no_other_package_of_ours(leaf: str) -> None:
    others = set(PACKAGES) - {leaf}
    crossings = [f"{path}: {name}" for path in _modules(leaf) for name in _imports(path) if name.split(".")[0] in others]
    assert crossings == []


def test_the_samples_know_nothing_of_the_switch() -> None:
    ours = set(PACKAGES) - {"samples"}
    assert [name for path in _modules("samples") for name in _imports(path) if name.split(".")[0] in ours] == []


@pytest.mark.parametrize("leaf", LEAVES)
def test_third_parties_stay_in_their_modules(leaf: str) -> None:
    for path in _modules(leaf):
        for name in _imports(path):
            top = name.split(".")[0]
            if top in sys.stdlib_module_names or top == leaf:
                continue
            where = THIRD_PARTIES[leaf].get(top)
            assert where is not None, f"{path} imports {name}"
            assert str(path.relative_to(ROOT)).startswith(where), f"{path} imports {name}"


def test_no_module_imports_itself_through_others() -> None:
    graph = {_name(path): {name for name in _imports(path) if name.split(".")[0] in PACKAGES} for path in ALL}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " → ".join((*trail, name))
        if name in done or name not in graph:
            return
        for imported in graph[name]:
            visit(imported, (*trail, name))
        done.add(name)

    for name in graph:
        visit(name, ())


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_arrays_are_multiplied_by_the_thread_that_asks() -> None:
    """The pool of numpy's OpenBLAS would be waited for within a tick."""
    count = "import voice.server, os; print(len(os.listdir('/proc/self/task')))"
    command = [sys.executable, "-c", count]
    threads = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, env=_environment())
    assert threads.stdout.strip() == "1"


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}


def test_nothing_grows_beyond_its_size() -> None:
    too_large = []
    for path in [*ALL, *sorted((ROOT / "tests").rglob("*.py"))]:
        text = path.read_text()
        if text.count("\n") > 600:
            too_large.append(str(path))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= 70:
                too_large.append(f"{path}:{node.lineno} {node.name}")
            if (
                isinstance(node, ast.ClassDef)
                and sum(isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) for each in node.body) > 25
            ):
                too_large.append(f"{path}:{node.lineno} {node.name}")
    assert too_large == []


def test_the_top_level_holds_what_was_agreed() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    folders = {name.split("/")[0] for name in listed if not name.startswith(".")}
    assert folders <= {*PACKAGES, "tests", "pyproject.toml", "README.md", "Makefile", "LICENSE"}
