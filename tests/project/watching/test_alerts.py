"""What becomes of incidents from build to build, and what people decide about them."""

import json

import pandas as pd
import pytest
import yaml

from tests.build import MODELS_ONLY, Project

COLUMNS = ["incident_id", "is_open", "found"]
# What builds find, by their as_of. `mended` is seen no more from the third build on;
# `late` was over when it was first found; `back` goes on after a pause.
BUILDS = {
    "2026-07-01": [("mended", True, 1), ("ended", True, 2), ("back", True, 3)],
    "2026-07-02": [("mended", True, 4), ("ended", True, 5), ("back", False, 6)],
    "2026-07-03": [("ended", False, 7), ("late", False, 8), ("back", True, 9)],
    "2026-07-04": [("ended", False, 7), ("late", False, 8), ("back", True, 9)],
}
DECISIONS = """alert_id,decision,until,note,decided_by,decided_at
back,snooze,2026-07-04 00:00,until we know,A,2026-07-02
back,snooze,someday,no time,A,2026-07-03
nobody,acknowledge,,,,
"""
MODELS = "fct_quality_incidents int_seen_incidents int_alert_decisions fct_alerts"


class Watched(Project):
    """A project whose incidents are what it is told."""

    def find(self, incidents: list[tuple]) -> None:
        rows = [
            f"select '{name}' as incident_id, {is_open} as is_open, {found} as found"
            for name, is_open, found in incidents
        ] or ["select null as incident_id, null as is_open, null as found where false"]
        columns = [
            f"cast({name if name in COLUMNS else 'null'} as {kind}) as {name}"
            for name, kind in self.types.items()
        ]
        self.write(
            "models/marts/watching/fct_quality_incidents.sql",
            # The edges of the model that stands here otherwise do not matter.
            f"select {', '.join(columns)} from ({' union all '.join(rows)})",
        )

    @property
    def types(self) -> dict[str, str]:
        described = self.folder / "models/marts/watching/fct_quality_incidents.yml"
        (model,) = yaml.safe_load(described.read_text())["models"]
        return {one["name"]: one["data_type"] for one in model["columns"]}

    def build_alerts(self, as_of: str, *options: str):
        result = self.dbt(
            *("build", "--select", "alert_decisions", *MODELS.split(), *options),
            *("--vars", json.dumps({"as_of": as_of})),
            **MODELS_ONLY,
        )
        assert result.returncode == 0, result.output
        return result

    def alerts(self) -> pd.DataFrame:
        alerts = self.query("from fct_alerts order by alert_id")
        return alerts.set_index("alert_id")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = Watched(tmp_path_factory.mktemp("alerts"))
    project.write("seeds/alert_decisions.csv", DECISIONS)
    project.said, project.states = {}, {}
    for as_of, incidents in BUILDS.items():
        project.find(incidents)
        project.said[as_of] = project.build_alerts(as_of).output
        project.states[as_of] = project.alerts().state.to_dict()
    return project


def test_an_alert_is_open_until_a_build_does_not_find_it_going_on(project):
    assert project.states == {
        "2026-07-01": {"back": "snoozed", "ended": "open", "mended": "open"},
        "2026-07-02": {"back": "resolved", "ended": "open", "mended": "open"},
        "2026-07-03": {
            "back": "snoozed",
            "ended": "resolved",
            "late": "resolved",
            "mended": "resolved",
        },
        "2026-07-04": {
            "back": "open",
            "ended": "resolved",
            "late": "resolved",
            "mended": "resolved",
        },
    }


def test_it_is_kept_when_it_was_seen(project):
    alerts = project.alerts()
    found = {
        name: [
            *(
                None if pd.isna(row[column]) else f"{row[column]:%Y-%m-%d}"
                for column in ("first_seen", "last_seen", "resolved_at")
            ),
            None if pd.isna(row["resolution"]) else row["resolution"],
        ]
        for name, row in alerts.iterrows()
    }
    assert found == {
        "back": ["2026-07-01", "2026-07-04", None, None],
        "ended": ["2026-07-01", "2026-07-02", "2026-07-03", "ended"],
        "late": ["2026-07-03", "2026-07-03", "2026-07-03", "ended"],
        "mended": ["2026-07-01", "2026-07-02", "2026-07-03", "no longer found"],
    }
    # As it was last found.
    assert alerts.found.to_dict() == {"back": 9, "ended": 7, "late": 8, "mended": 4}


def test_decisions_that_are_not_followed_are_named(project):
    said = [
        line for line in project.said["2026-07-04"].splitlines() if "not fol" in line
    ]
    assert [line.partition("Decision not followed: ")[2] for line in said] == [
        "alert back, snooze: until is no time.",
        "alert nobody, acknowledge: no such alert.",
    ]


@pytest.mark.parametrize("options", [[], ["--full-refresh"], ["--empty"]])
def test_a_build_of_the_same_changes_nothing(project, options):
    before = project.query("from assay_intermediate.int_seen_incidents order by 1")
    project.build_alerts("2026-07-04", *options)
    after = project.query("from assay_intermediate.int_seen_incidents order by 1")
    pd.testing.assert_frame_equal(before, after)


def test_decisions_may_be_a_table_of_ones_own(project):
    """With times as times, and without the columns that nobody has to fill in."""
    (project.folder / "seeds/alert_decisions.csv").unlink()
    project.write(
        "models/alert_decisions.sql",
        "select 'back' as alert_id, 'snooze' as decision,"
        " timestamp '2026-07-09 12:00' as until, 'later' as note",
    )
    text = (project.folder / "seeds/seeds.yml").read_text()
    (project.folder / "seeds/seeds.yml").write_text(
        text[: text.index("  - name: alert_decisions")]
    )
    project.build_alerts("2026-07-04")
    back = project.alerts().loc["back"]
    assert (back.state, back.note) == ("snoozed", "later")
    assert f"{back.snoozed_until:%d %H:%M}" == "09 12:00"
