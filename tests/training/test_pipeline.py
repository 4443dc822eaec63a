"""The whole path in the tiny configuration: own comments -> model -> bundle -> gates -> release -> rollback."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from gapshot.bundle import Bundle, locate
from gapshot.classifier import Classifier
from gapshot.comment import Comment
from gapshot.settings import Settings
from gapshot.taxonomy import CATEGORIES
from training import calibrate, card, curve, evaluate, export, gates, release, split, train
from training.config import Config

TINY = train.CONFIGS / "tiny.toml"

pytestmark = pytest.mark.xdist_group("pipeline")  # one run serves all tests of this file


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the tiny configuration: a candidate bundle."""
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    environment = {"GAPSHOT_MODELS": str(tmp_path_factory.mktemp("no-champion"))}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GAPSHOT_MODELS", environment["GAPSHOT_MODELS"])
        config = Config.read(TINY)
        train.train(config, split.parts(config)[0], folder)
        export.export(folder)
        calibrate.calibrate(folder)
        evaluate.evaluate(folder)
    return folder


def test_a_candidate_bundle_is_whole_and_answers(run: Path) -> None:
    bundle = Bundle.load(run / "bundle")
    assert bundle.version == "candidate"
    assert set(bundle.manifest["files"]) == {
        "model.onnx", "tokenizer.json", "decision.json", "golden.jsonl", "reference.json", "metrics.json", "README.md",
        "reliability.png", "precision_recall.png",
    }  # fmt: skip
    with Classifier.load(run / "bundle") as classifier:
        assert classifier.classify([Comment("The vase is tiny")])[0].status == "ok"


def test_the_manifest_says_how_the_bundle_was_made(run: Path) -> None:
    manifest = Bundle.load(run / "bundle").manifest
    assert manifest["seed"] == Config.read(TINY).seed
    assert manifest["config"]["encoder"]["scratch"]["layers"] == 1
    assert manifest["dataset"]["train"]["rows"] == 200
    assert len(manifest["dataset"]["train"]["sha256"]) == 64
    assert manifest["libraries"]["torch"].startswith("2.")


def test_the_exported_model_decides_as_the_trained_one(run: Path) -> None:
    parity = Bundle.load(run / "bundle").metrics["parity"]
    assert parity["equal_decisions"] >= 0.995
    assert abs(parity["trained_macro_f1"] - parity["exported_macro_f1"]) <= 0.005


def test_the_card_tells_figures_peers_and_limits(run: Path) -> None:
    page = (run / "bundle" / "README.md").read_text("utf-8")
    metrics = Bundle.load(run / "bundle").metrics
    assert f"{metrics['macro_f1']:.3f}" in page
    assert all(baseline["name"] in page for baseline in metrics["baselines"])
    assert len(metrics["baselines"]) == 5
    assert "model-assisted" in page


def test_a_run_repeats_bit_for_bit(run: Path, tmp_path: Path) -> None:
    config = Config.read(TINY)
    train.train(config, split.parts(config)[0], tmp_path / "again")
    assert (tmp_path / "again" / "model.safetensors").read_bytes() == (run / "model.safetensors").read_bytes()


def test_the_learning_curve_holds_a_run_of_a_share_and_the_runs_beside_it(run: Path, tmp_path: Path) -> None:
    arguments = ["--config", str(TINY), "--share", "0.5", "--out", str(tmp_path), str(run)]
    done = CliRunner().invoke(curve.main, arguments)
    assert done.exit_code == 0, done.output
    with (tmp_path / "curve.csv").open(encoding="utf-8", newline="") as file:
        half, whole = csv.DictReader(file)
    metrics = Bundle.load(run / "bundle").metrics
    assert int(half["rows"]) == int(whole["rows"]) == 200  # the tiny configuration takes 200 of either
    assert float(whole["macro_f1"]) == metrics["macro_f1"]
    assert [float(whole["low"]), float(whole["high"])] == metrics["macro_f1_interval"]
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")

    weights = (tmp_path / "share-0.5" / "model.safetensors").stat().st_mtime_ns
    assert CliRunner().invoke(curve.main, arguments).exit_code == 0
    assert (tmp_path / "share-0.5" / "model.safetensors").stat().st_mtime_ns == weights  # not trained again
    other = CliRunner().invoke(curve.main, [*arguments[:3], "0.25", "--out", str(tmp_path), str(tmp_path)])
    assert other.exit_code == 2
    assert "no calibrated run" in other.output


def test_calibration_never_reads_the_test_split(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (run / "bundle" / "decision.json").read_bytes()
    parts, join = split.parts(Config.read(TINY))
    nothing = parts["test"].map(lambda row: row | {"labels": [0.0] * 6, "text": "no"})
    monkeypatch.setattr(split, "of_run", lambda _: (parts | {"train": nothing, "test": nothing}, join))
    calibrate.calibrate(run)
    assert (run / "bundle" / "decision.json").read_bytes() == before


def test_a_run_is_never_measured_on_other_rows_than_it_was_made_from(run: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(run, tmp_path / "run"))
    record = json.loads((copy / "run.json").read_text())
    record["dataset"]["test"]["rows"] += 1
    (copy / "run.json").write_text(json.dumps(record))
    done = CliRunner().invoke(calibrate.main, [str(copy)])
    assert done.exit_code == 2
    assert "not those this run was trained on" in done.output
    assert "GAPSHOT_REVIEWS_DIR" in done.output


def test_a_bundle_changed_after_its_evaluation_is_not_released(run: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(run, tmp_path / "run"))
    (copy / "bundle" / "decision.json").write_text("{}")
    done = CliRunner().invoke(gates.main, [str(copy)])
    assert done.exit_code == 2
    assert "decision.json: changed since the release" in " ".join(done.output.split())


EVEN = {"equal_decisions": 1, "trained_macro_f1": 0.5, "exported_macro_f1": 0.5}


def finished(run: Path, tmp_path: Path, **metrics: object) -> Path:
    """A copy of the run whose metrics are changed, sealed again."""
    copy = Path(shutil.copytree(run, tmp_path / "run"))
    file = copy / "bundle" / "metrics.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | metrics))
    card.finish(copy, "candidate")
    return copy


def test_a_release_is_renamed_copied_and_pointed_to_and_can_be_taken_back(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    monkeypatch.setenv("GAPSHOT_MODELS", str(models))
    names: list[str] = []
    for round_ in range(2):
        champion = {"version": names[0], "macro_f1": 0.0, "f1": dict.fromkeys(CATEGORIES, 0.0)} if names else None
        copy = finished(run, tmp_path / str(round_), parity=EVEN, champion=champion)
        done = CliRunner().invoke(release.main, [str(copy)])
        assert done.exit_code == 0, done.output
        names.append((models / "current").read_text().strip())
        assert Bundle.load(locate(Settings.read())).version == names[-1]
    assert names[0].endswith(".1")
    assert names[1].endswith(".2")
    assert CliRunner().invoke(release.main, ["--rollback"]).exit_code == 0
    assert (models / "current").read_text().strip() == names[0]
    assert (models / "previous").read_text().strip() == names[1]
    (models / "previous").unlink()
    refused = CliRunner().invoke(release.main, ["--rollback"])
    assert refused.exit_code == 2
    assert "no release before" in refused.output


def test_a_failed_gate_refuses_the_release_with_a_table(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAPSHOT_MODELS", str(tmp_path))
    copy = finished(run, tmp_path, parity={"equal_decisions": 0.9, "trained_macro_f1": 0.5, "exported_macro_f1": 0.5})
    done = CliRunner().invoke(release.main, [str(copy)])
    assert done.exit_code == 1
    assert "FAIL" in done.output
    assert "not released" in done.output
    assert not (tmp_path / "current").exists()


def test_gates_hold_floors_and_the_champion() -> None:
    metrics = {
        "macro_f1": 0.83,
        "categories": {c: {"f1": 0.8} for c in CATEGORIES},
        "parity": {"equal_decisions": 0.996, "trained_macro_f1": 0.834, "exported_macro_f1": 0.830},
        "golden": {"comments": 24, "exact": 24},
        "champion": {"version": "2026.1.1", "macro_f1": 0.84, "f1": dict.fromkeys(CATEGORIES, 0.82) | {"fit": 0.84}},
    }
    floors = Config(name="x").gates
    failed = {gate.name for gate in gates.gates(metrics, 24_000_000, floors, "2026.1.1") if not gate.passed}
    # 0.83 < 0.84 - 0.005; 0.80 < 0.84 - 0.03; the other categories lost no more than 0.03
    assert failed == {"macro-F1 against 2026.1.1", "F1 of fit against 2026.1.1"}
    failed = {gate.name for gate in gates.gates(metrics, 25_010_000, floors, "2026.1.2") if not gate.passed}
    assert failed == {"bundle in MB", "measured against the current release (2026.1.2)"}
    metrics["golden"] = {"comments": 23, "exact": 22}
    metrics["categories"]["colour"]["f1"] = None
    failed = {gate.name for gate in gates.gates(metrics, 24_000_000, floors, "2026.1.1") if not gate.passed}
    assert {"golden comments", "golden comments answered otherwise", "F1 of colour"} < failed


def test_evaluation_slices_count_every_test_row(run: Path) -> None:
    metrics = Bundle.load(run / "bundle").metrics
    rows = split.parts(Config.read(TINY))[0]["test"]
    assert metrics["comments"] == len(rows)
    assert metrics["slices"]["form"]["return_form"]["comments"] == len(rows)
    lengths = np.array([len(text) for text in rows["text"]])
    assert metrics["slices"]["characters"]["1-60"]["comments"] == int((lengths <= 60).sum())
