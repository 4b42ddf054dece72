"""Writes the contract in the form outsiders read: `python -m shared.contract_docs.generate` (`make contracts`).

JSON Schemas go to `shared/contracts/schemas/`, one AsyncAPI document per service to `docs/asyncapi/`, and the access
lists into `docs/trust.md`. With `--check` nothing is written: exit 1, and a diff of what is stale. A change that is not
allowed within a `.v1` is refused.
"""

import argparse
import difflib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from shared.contract_docs import access, asyncapi, snapshots
from shared.contract_docs.compatibility import refused_changes
from shared.contracts.services import GROUPS

ROOT: Final = Path(__file__).resolve().parents[2]
ASYNCAPI: Final = ROOT / "docs" / "asyncapi"
TRUST: Final = ROOT / "docs" / "trust.md"


def artefacts() -> dict[Path, str]:
    """Every generated file and what it has to hold, of the models as they are now."""
    schemas = {
        snapshots.FOLDER / f"{name}.json": snapshots.written(schema) for name, schema in snapshots.schemas().items()
    }
    documents = {
        ASYNCAPI / f"{service}.json": snapshots.written(asyncapi.document(service)) for service in sorted(GROUPS)
    }
    return schemas | documents | {TRUST: access.filled_in(TRUST.read_text(encoding="utf-8"))}


def stale(wanted: Mapping[Path, str]) -> Iterator[str]:
    """A unified diff for every file that is missing, too many, or not as it has to be."""
    present = {path for folder in (snapshots.FOLDER, ASYNCAPI) for path in folder.glob("*.json")}
    present |= {path for path in wanted if path.exists()}
    for path in sorted(present | wanted.keys()):
        is_text = path.read_text(encoding="utf-8") if path in present else ""
        if is_text != (should := wanted.get(path, "")):
            name = str(path.relative_to(ROOT))
            lines = difflib.unified_diff(is_text.splitlines(), should.splitlines(), name, "as generated", lineterm="")
            yield "\n".join(lines)


def write_artefacts(wanted: Mapping[Path, str]) -> list[Path]:
    """Makes the folders hold exactly these files. Returns what was changed or removed."""
    changed = []
    for folder in (snapshots.FOLDER, ASYNCAPI):
        folder.mkdir(parents=True, exist_ok=True)
        for path in set(folder.glob("*.json")) - wanted.keys():
            path.unlink()
            changed.append(path)
    for path, text in wanted.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return sorted(changed)


def main(arguments: list[str] | None = None) -> int:
    """0 when all is well, 1 when something is stale or refused."""
    parser = argparse.ArgumentParser(prog="python -m shared.contract_docs.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file is stale")
    parser.add_argument(
        "--break-contract", action="store_true", help="write it all the same; only before anybody holds on to it"
    )
    options = parser.parse_args(arguments)
    wanted = artefacts()
    if options.check:
        if diffs := list(stale(wanted)):
            print("\n".join(diffs))  # noqa: T201
            print(f"\n{len(diffs)} files are stale. Run `make contracts` and commit them.", file=sys.stderr)  # noqa: T201
        return 1 if diffs else 0
    refused = refused_changes(snapshots.committed(), snapshots.schemas())
    if refused and not options.break_contract:
        print("Not allowed within .v1; add a .v2 beside it instead:", *refused, sep="\n  ", file=sys.stderr)  # noqa: T201
        return 1
    for path in write_artefacts(wanted):
        print(f"{'wrote' if path.exists() else 'removed'} {path.relative_to(ROOT)}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
