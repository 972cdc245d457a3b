"""What dbt itself can do with the project, and what its target must be."""

import pytest

from tests.build import Project


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def test_compile_needs_no_tables(project):
    result = project.dbt("compile")
    assert result.returncode == 0, result.output


def test_an_empty_build_makes_every_mart(project):
    result = project.dbt("build", "--empty", "--exclude-resource-type", "unit_test")
    assert result.returncode == 0, result.output
    for mart in ("index", "rules", "measures", "issues"):
        assert project.query(f"from fct_quality_{mart}").empty
    assert project.query("from dim_quality_rules").empty


def test_dbt_finds_nothing_to_complain_of(project):
    result = project.dbt("parse", "--no-partial-parse", "--show-all-deprecations")
    assert result.returncode == 0, result.output
    assert "WARN" not in result.output.upper()
    assert "DEPRECAT" not in result.output.upper()


def test_a_session_in_another_time_zone_is_named(project):
    profile = (project.folder / "profiles.yml").read_text()
    project.write(
        "profiles.yml", profile.replace("TimeZone: UTC", "TimeZone: Asia/Tokyo")
    )
    result = project.build(check=False)
    assert result.returncode == 1
    assert "The time zone of the session is Asia/Tokyo" in result.output


def test_a_database_named_like_the_schema_is_named(project):
    project.database = project.folder / "assay.duckdb"
    result = project.build(env={"ASSAY_DATABASE": str(project.database)}, check=False)
    assert result.returncode == 1
    assert "both named assay" in result.output
