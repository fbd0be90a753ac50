"""The harness of tests/aws: its modules, and its fixtures under a name of their own."""

import importlib.util
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "aws"

# Both folders have a conftest.py, and there can be but one module of that name.
_spec = importlib.util.spec_from_file_location("aws_conftest", FOLDER / "conftest.py")
assert _spec is not None and _spec.loader is not None
harness = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(harness)
