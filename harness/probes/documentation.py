"""Measures how much of the public code has a docstring, and whether the pages that a project promises are there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from harness.errors import ProbeError
from harness.evidence import Evidence, Finding, Measurement
from harness.probes.probe import Options, Probe
from harness.probes.sources import Source, SourceOptions, read_sources, require_tool
from harness.probes.world import World

if TYPE_CHECKING:
    import griffe

    Member = griffe.Object | griffe.Alias


class DocumentationOptions(SourceOptions, frozen=True, kw_only=True):
    """`ignore_names` are names (fnmatch) that need no docstring, `pages` files or patterns that must have text."""

    ignore_names: list[str] = []
    pages: list[str] = []


class Definition(msgspec.Struct, frozen=True):
    """A public module, class or function."""

    file: str
    line: int
    kind: str
    name: str
    documented: bool


class DocumentationProbe(Probe[DocumentationOptions]):
    """Lets Griffe read every file, and counts what is public: no name on the way begins with an underscore."""

    name = "documentation"
    title = "measures how much of the public code has a docstring, and which pages are missing"
    measures: ClassVar[dict[str, str]] = {
        "documented": "public modules, classes and functions with a docstring, in %; about: a folder, or the whole",
        "definitions": "public modules, classes and functions",
        "undocumented": "those without a docstring",
        "missing pages": "promised pages that do not exist or are empty",
    }
    uses_database = False
    options: ClassVar[type[Options]] = DocumentationOptions

    def measure(self, world: World, options: DocumentationOptions) -> Evidence:
        """Measure; raises ProbeError where a file cannot be read or nothing is public."""
        require_tool("griffe")
        folder = Path(world.rollout.folder)
        sources = read_sources(folder, options)
        found = [each for source in sources for each in _definitions(source, options.ignore_names)]
        if not found:
            raise ProbeError(f"Nothing in {', '.join(options.paths)} is public; mend 'paths'.")
        missing = [page for page in options.pages if not _has_text(folder, page)]
        bare = [each for each in found if not each.documented]
        return Evidence(
            probe=self.name,
            outcome="measured",
            summary=f"{_share(found):.1f} % of {len(found)} definitions have a docstring, {len(missing)} pages missing",
            measurements=_measurements(found, len(bare), len(missing)),
            findings=[*(_finding(each) for each in bare), *(_page(each) for each in missing)],
            details={"tables": [_table(found)]},
        )


def _definitions(source: Source, ignored: list[str]) -> Iterator[Definition]:
    """List a file and what is public in it; an empty file has nothing to document."""
    import griffe

    path = PurePosixPath(source.file)
    if not source.tree.body or any(_private(part) for part in path.with_suffix("").parts):
        return
    module = griffe.visit(path.stem, filepath=Path(source.file), code=source.text)
    yield Definition(source.file, 1, "module", source.file, module.has_docstring)
    for kind, name, each in _public(module, ignored):
        yield Definition(source.file, each.lineno or 0, kind, f"{source.file}: {name}", each.has_docstring)


def _public(parent: Member, ignored: list[str]) -> Iterator[tuple[str, str, Member]]:
    """Walk classes, functions and properties; what is imported is documented where it is defined."""
    for name, each in parent.members.items():
        if each.is_alias or name.startswith("_") or any(fnmatch(name, pattern) for pattern in ignored):
            continue
        if each.is_class or each.is_function or "property" in each.labels:
            yield str(each.kind.value), name, each
        if each.is_class:
            yield from ((kind, f"{name}.{inner}", found) for kind, inner, found in _public(each, ignored))


def _private(part: str) -> bool:
    return part.startswith("_") and not part.startswith("__")


def _has_text(folder: Path, page: str) -> bool:
    files = list(folder.glob(page))
    return bool(files) and all(file.is_file() and file.read_text(encoding="utf-8").strip() for file in files)


def _share(found: list[Definition]) -> float:
    return 100 * sum(each.documented for each in found) / len(found)


def _by_folder(found: list[Definition]) -> dict[str, list[Definition]]:
    folders: dict[str, list[Definition]] = defaultdict(list)
    for each in found:
        folders[PurePosixPath(each.file).parent.as_posix()].append(each)
    return dict(sorted(folders.items()))


def _measurements(found: list[Definition], bare: int, missing: int) -> list[Measurement]:
    shares = {"": _share(found), **{name: _share(inside) for name, inside in _by_folder(found).items()}}
    return [
        *(
            Measurement(name="documented", value=round(share, 2), unit="%", about=name)
            for name, share in shares.items()
        ),
        Measurement(name="definitions", value=len(found)),
        Measurement(name="undocumented", value=bare),
        Measurement(name="missing pages", value=missing),
    ]


def _finding(bare: Definition) -> Finding:
    return Finding(
        code="undocumented",
        severity="low",
        about=bare.name,
        why=f"the public {bare.kind} has no docstring",
        remedy="Say in one sentence what it is or does, then units, errors and sources.",
        file=bare.file,
        line=bare.line,
    )


def _page(page: str) -> Finding:
    why = "no such page exists, or it is empty"
    return Finding(code="missing-page", severity="medium", about=page, why=why, remedy="Write it.", file=page)


def _table(found: list[Definition]) -> dict[str, Any]:
    rows = [
        [name, len(inside), sum(not each.documented for each in inside), round(_share(inside), 1)]
        for name, inside in _by_folder(found).items()
    ]
    return {"title": "Docstrings by folder", "columns": ["folder", "public", "without", "documented %"], "rows": rows}
