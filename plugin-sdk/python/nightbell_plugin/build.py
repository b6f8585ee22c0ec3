"""From a project's sources to a component: `python -m nightbell_plugin.build`.

The kind is what `plugin.toml` says; the source is `src/plugin.py`. The result, `build/component.wasm`, imports no WASI;
`nightbell plugin build` calls this and packs it with its manifest.
"""

import argparse
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent

#: The world of each kind, the class of its interface, its own bindings, and what of the host it has.
WORLDS = {
    "parser": ("parser", "Parsing", "parsing", ["log", "config"]),
    "filter": ("filter-json", "JudgingJson", None, ["log", "config", "state"]),
    "router": ("router-json", "RoutingJson", None, ["log", "config", "state"]),
    "channel": ("channel", "Delivery", "delivery", ["log", "config", "state", "http", "mail", "secret"]),
}

TYPED = ("parser", "channel")


class BuildError(Exception):
    """What the author must mend."""


def build(project: Path, source: Path | None = None, out: Path | None = None, wit: Path | None = None) -> Path:
    """Builds; answers where the component lies."""
    kind = _kind(project / "plugin.toml")
    plugin = project / (source or "src/plugin.py")
    if not plugin.is_file():
        raise BuildError(f"no plugin in {project}: expected src/plugin.py, or --source FILE")
    file = (project / (out or "build/component.wasm")).resolve()
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        _lay_out(Path(folder), plugin, kind)
        _componentize(Path(folder), plugin.resolve().parent, kind, (wit or HERE / "wit").resolve(), file)
    return file


def _kind(manifest: Path) -> str:
    try:
        kind = tomllib.loads(manifest.read_text(encoding="utf-8")).get("kind")
    except FileNotFoundError:
        raise BuildError(f"{manifest}: expected the plugin's manifest, there is no such file") from None
    except tomllib.TOMLDecodeError as error:
        raise BuildError(f"{manifest}: {error}") from None
    if kind not in WORLDS:
        raise BuildError(f'{manifest}: expected kind = "parser", "filter", "router" or "channel", got `{kind}`')
    return str(kind)


def _lay_out(folder: Path, plugin: Path, kind: str) -> None:
    """This package and the entry, in a folder of their own: nothing else of this Python's packages comes along."""
    package = folder / "nightbell_plugin"
    shutil.copytree(HERE, package, ignore=shutil.ignore_patterns("__pycache__", "wit", "build.py", "testing.py"))
    _, interface, own, imports = WORLDS[kind]
    lines = [
        "import nightbell_plugin._prelude",
        "from types import SimpleNamespace",
        "from componentize_py_types import Err",
        f"from wit_world.imports import {', '.join(imports)}",
        "from wit_world.imports import types" if own else "types = None",
        f"from wit_world.exports import {own}" if own else "",
        "from nightbell_plugin._guest import exports_of",
        f"import {plugin.stem} as plugin",
        f"interfaces = SimpleNamespace({', '.join(f'{name}={name}' for name in imports)})",
        f"bindings = SimpleNamespace(Err=Err, types=types{f', {own}={own}' if own else ''})",
        f'{interface} = exports_of(plugin, "{kind}", interfaces, bindings)',
    ]
    (folder / "nightbell_entry.py").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _componentize(folder: Path, sources: Path, kind: str, wit: Path, file: Path) -> None:
    if importlib.util.find_spec("componentize_py") is None:
        raise BuildError('componentize-py is not installed: run `pip install "nightbell-plugin[build]"`')
    tool = [sys.executable, "-c", "import sys, componentize_py; sys.exit(componentize_py.script())"]
    what = ["--quiet", "--wit-path", str(wit), "--world", WORLDS[kind][0]]
    how = ["componentize", "nightbell_entry", "--stub-wasi", "--python-path", str(sources), "--python-path", str(folder)]
    # Sets of text must come out in the same order in every build.
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run([*tool, *what, *how, "--output", str(file)], env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise BuildError(_reason(done.stderr + done.stdout))


def _reason(said: str) -> str:
    """The exception of the author's code, as its author knows the files; else all that was said."""
    start = said.find("Traceback (most recent call last)")
    return re.sub(r'File "/0/', 'File "src/', said[start:] if start >= 0 else said).strip()


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m nightbell_plugin.build", description=__doc__.split("\n")[0])
    parser.add_argument("--project", type=Path, default=Path("."), help="the project's folder (default: this one)")
    parser.add_argument("--source", type=Path, help="the plugin's module (default: src/plugin.py)")
    parser.add_argument("--out", type=Path, help="the component (default: build/component.wasm)")
    parser.add_argument("--wit", type=Path, help="the folder of the contract (default: the one of this package)")
    given = parser.parse_args()
    started = time.monotonic()
    try:
        file = build(given.project, given.source, given.out, given.wit)
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    size, seconds = file.stat().st_size / 1024 / 1024, time.monotonic() - started
    print(f"{_kind(given.project / 'plugin.toml')}: {file} ({size:.1f} MiB, {seconds:.1f} s)", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
