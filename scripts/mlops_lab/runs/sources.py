"""What a piece of Python reaches, read from its source: modules of ours, folders, packages.

Read and not run, since a lab's fingerprint must be known before the lab runs. Where a source does
not say which folder it means, it means all of them: a fingerprint may hold too much, but not too
little.
"""

import ast
import functools
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
# It gives the places their names, and uses none.
PATHS = PACKAGE / "core" / "paths.py"
# `python -m mlops_lab.services.mail`, in a service's command or in a list of arguments.
DOTTED = re.compile(r"\bmlops_lab(?:\.\w+)+\b")
WORD = re.compile(r"[\w.-]+")
# Names of paths.py that lead to files of the checkout, and where.
PLACES = {
    "ROOT": "",
    "LABS": "labs",
    "CLUSTER": "kind-cluster",
    "BOOK": "book",
    "NOTEBOOKS": "notebooks",
    "INTERVIEW": "labs/interview",
}


@dataclass
class Source:
    """What one source says: whatever it imports, at its top or later; `paths` and words in it."""

    imports: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    paths: set[str] = field(default_factory=set)


def read(text: str) -> Source:
    """What the source imports, and which files of the checkout it names."""
    found, tree = Source(), ast.parse(text)
    _visit(tree, found, _places(tree))
    return found


def _places(tree: ast.Module) -> dict[str, str]:
    """The names of places here: one that the module gives to a list of its own is none."""
    own = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple | ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return {name: path for name, path in PLACES.items() if name not in own}


def _visit(node: ast.AST, found: Source, places: Mapping[str, str]) -> None:
    if isinstance(node, ast.Import):
        found.imports.update(alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        # A name may be a module or what is in one; `modules` finds out.
        found.imports.update(f"{node.module}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        found.imports.update(DOTTED.findall(node.value))
        found.words.update(WORD.findall(node.value))
    elif isinstance(node, ast.BinOp) and (path := _path(node, places)) is not None:
        found.paths.add(path)
        return
    elif isinstance(node, ast.Name) and node.id in places and isinstance(node.ctx, ast.Load):
        found.paths.add(places[node.id])
    for child in ast.iter_child_nodes(node):
        _visit(child, found, places)


def _path(node: ast.expr, places: Mapping[str, str]) -> str | None:
    """``LABS / "churn" / name`` as ``labs/churn``, up to the first part that is no constant."""
    if isinstance(node, ast.Name):
        return places.get(node.id)
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Div):
        return None
    left = _path(node.left, places)
    if left is None or not isinstance(node.left, ast.Name | ast.BinOp):
        return None
    if isinstance(node.right, ast.Constant) and not _is_open(node.left):
        return f"{left}/{node.right.value!s}".lstrip("/")
    return left


def _is_open(node: ast.expr) -> bool:
    """Whether a part of the path so far is known only when it runs."""
    if isinstance(node, ast.BinOp):
        return not isinstance(node.right, ast.Constant) or _is_open(node.left)
    return False


def module(name: str, package: Path = PACKAGE) -> Path | None:
    """The file of the longest module of ours that the dotted name begins with."""
    ours = name.partition(".")[0] == package.name
    return _longest(name, (package.parent,)) if ours else None


@functools.cache
def _longest(name: str, places: tuple[Path, ...]) -> Path | None:
    """The file of the longest module in one of the places that the dotted name begins with."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1) if all(parts) else ():
        for place in places:
            path = place.joinpath(*parts[:length])
            for file in (path.with_name(f"{path.name}.py"), path / "__init__.py"):
                if file.is_file():
                    return file
    return None


@functools.cache
def _parsed(file: Path) -> Source:
    return read(file.read_text(encoding="utf-8"))


def closure(
    roots: Iterable[str], package: Path = PACKAGE, follow: Callable[[str], bool] = lambda name: True
) -> set[Path]:
    """The files of ours that these names lead to, over every import.

    Those that `follow` refuses by their name are left out.
    """
    found: set[Path] = set()
    waiting = list(roots)
    while waiting:
        file = module(waiting.pop(), package)
        if file is None or file in found:
            continue
        found.add(file)
        said = _parsed(file)
        waiting += filter(follow, said.imports)
    return found


def beside(files: Iterable[Path], places: Sequence[Path], but: Path) -> set[Path]:
    """These files and the modules of the places that they import or name, over every import.

    `but` is left out, with what only it leads to.
    """
    found = {but}
    waiting = list(files)
    while waiting:
        if (file := waiting.pop()) not in found:
            found.add(file)
            waiting += named(file, places)
    return found - {but}


def named(file: Path, places: Sequence[Path]) -> set[Path]:
    """The modules of the places that the file imports or names."""
    said = _parsed(file)
    found = (_longest(name, tuple(places)) for name in said.imports | said.words)
    return set(filter(None, found))


def imports(files: Iterable[Path]) -> set[str]:
    """Whatever these sources import."""
    return {name for file in files for name in _parsed(file).imports}


def folders(files: set[Path]) -> set[str]:
    """The files and folders of the checkout that these sources name."""
    return {path for file in files - {PATHS} for path in _parsed(file).paths}


def packages(files: Iterable[Path]) -> set[str]:
    """The names under which these sources import what is neither ours nor Python's."""
    return set(foreign(imports(files)))


def words(file: Path) -> set[str]:
    """What could be the name of a program, in a file that may call some."""
    if file.suffix == ".py":
        return _parsed(file).words
    if file.suffix not in (".yml", ".yaml", ".sh", ""):
        return set()
    return set(WORD.findall(file.read_text(encoding="utf-8", errors="replace")))


def foreign(names: Iterable[str]) -> Iterator[str]:
    """The first parts of names that are neither ours nor of the standard library."""
    for name in names:
        first = name.partition(".")[0]
        if first not in sys.stdlib_module_names and first != PACKAGE.name:
            yield first


def of_function(file: Path, name: str) -> Source:
    """What one function of the file says, and those of the file that it calls."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    known = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    found, seen, waiting = Source(), set[str](), [name]
    while waiting:
        current = waiting.pop()
        if current in seen or current not in known:
            continue
        seen.add(current)
        _visit(known[current], found, _places(tree))
        waiting += [n.id for n in ast.walk(known[current]) if isinstance(n, ast.Name)]
    return found
