"""The committed schemas and AsyncAPI documents are those of the models."""

import json
from pathlib import Path

import jsonschema_rs
import pytest

from shared.contract_docs import generate, snapshots
from shared.contract_docs.compatibility import refused_changes
from shared.contracts.envelope import encode
from shared.contracts.registry import EVENT_TYPES, EventType
from tests.contract.examples import full_event


def test_nothing_generated_is_stale() -> None:
    """What is committed is what the models say; a diff here means `make contracts` was forgotten."""
    assert list(generate.stale(generate.artefacts())) == []


def test_a_stale_file_is_shown_as_a_diff(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """`--check` exits 1 and shows the lines that differ, and writes nothing."""
    wanted = generate.artefacts()
    path = snapshots.FOLDER / "support.ticket.closed.v1.json"
    before = path.read_text(encoding="utf-8")
    changed = wanted | {path: before.replace('"tier"', '"rank"')}
    monkeypatch.setattr(generate, "artefacts", lambda: changed)

    assert generate.main(["--check"]) == 1

    told = capsys.readouterr()
    assert '+    "rank": {' in told.out
    assert "make contracts" in told.err
    assert path.read_text(encoding="utf-8") == before


def test_a_missing_and_a_leftover_file_are_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot nobody generates any more is stale just as one that is missing, and writing mends both."""
    monkeypatch.setattr(snapshots, "FOLDER", tmp_path / "schemas")
    monkeypatch.setattr(generate, "ASYNCAPI", tmp_path / "asyncapi")
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    wanted = {tmp_path / "schemas" / "new.json": "{}\n"}
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "old.json").write_text("{}\n")

    assert len(list(generate.stale(wanted))) == 2
    assert len(generate.write_artefacts(wanted)) == 2
    assert list(generate.stale(wanted)) == []


def test_the_models_are_compatible_with_the_snapshots() -> None:
    """Nobody who holds on to a `.v1` is broken: only optional fields and known values were added since."""
    assert refused_changes(snapshots.committed(), snapshots.schemas()) == []


def test_an_incompatible_change_is_not_written(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The generator refuses to overwrite a snapshot with one that breaks its readers, and says what to do."""
    older = snapshots.schemas()
    older["support.ticket.closed.v1"]["properties"]["satisfaction"] = {"type": "integer"}
    monkeypatch.setattr(snapshots, "committed", lambda: older)
    monkeypatch.setattr(generate, "write_artefacts", lambda _: pytest.fail("it was written"))

    assert generate.main([]) == 1

    told = capsys.readouterr().err
    assert "support.ticket.closed.v1: satisfaction: the field was removed" in told
    assert ".v2" in told


@pytest.mark.parametrize("event_type", EVENT_TYPES, ids=lambda one: one.name)
def test_what_we_write_fits_its_schema(event_type: EventType) -> None:
    """Whoever validates our events with the published schema never refuses one."""
    schema = json.loads((snapshots.FOLDER / f"{event_type.name}.json").read_text(encoding="utf-8"))
    validator = jsonschema_rs.validator_for(schema, validate_formats=True)

    validator.validate(json.loads(encode(full_event(event_type))))

    assert not validator.is_valid({})
