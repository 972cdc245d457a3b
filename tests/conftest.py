"""What several tests share."""

import pytest

from tests.build import Project


@pytest.fixture(scope="session")
def sample_build(tmp_path_factory):
    """A project that was built once, on the sample, with what is set by default."""
    project = Project(tmp_path_factory.mktemp("sample"))
    project.output = project.build({"encoder": "auto"}, repairs=True).output
    return project
