"""The serving install stays small: what the application pulls in when it is imported."""

import subprocess
import sys

TRAINING = ("torch", "transformers", "datasets", "sklearn")


def modules_after(statement: str) -> set[str]:
    code = f"{statement}; import sys; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(found.stdout.split())


def test_serving_imports_nothing_that_trains() -> None:
    modules = modules_after("import api.app")
    assert {"api.app", "gapshot.classifier"} <= modules
    assert not modules.intersection(TRAINING)


def test_the_serve_command_is_known_without_loading_the_service() -> None:
    modules = modules_after("import api.serve")
    assert not modules.intersection({"fastapi", "uvicorn", "onnxruntime"})
