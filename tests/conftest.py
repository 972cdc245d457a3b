"""What several tests share."""

import pytest
from filelock import FileLock

from tests.build import MODELS_ONLY, ROOT, Project


def pytest_collection_modifyitems(items):
    """Marks what starts dbt, which is most of the time of all tests."""
    for item in items:
        is_apart = item.path.parts[len(ROOT.parts) + 1] in ("project", "rules")
        if is_apart or "sample_build" in item.fixturenames:
            item.add_marker("build")


@pytest.fixture(scope="session")
def sample_build(tmp_path_factory, worker_id):
    """A project that was built once, on the sample, with what is set by default.

    All workers read the same one, which the first that asks builds. Its tests are those
    of the first build of test_readme.py.
    """
    run = tmp_path_factory.getbasetemp()
    folder = (run if worker_id == "master" else run.parent) / "sample_build"
    with FileLock(f"{folder}.lock"):
        project = Project(folder, is_there=folder.exists())
        if not (folder / "is_built").exists():
            project.build({"encoder": "auto"}, MODELS_ONLY, repairs=True, watching=True)
            project.write("is_built", "")
    return project
