"""Lineage tells the truth: what dbt shows as read is what the compiled SQL reads."""

import json
import re
from functools import cache

import pytest

# Nothing is read before the settings are right, and nothing measured before every feed
# could be read: these two wait, and are waited for, for the order's sake. What they say
# is read while the SQL of others is written.
GATES = {"stg_feeds", "int_feeds_ready"}


@pytest.fixture(scope="module")
def nodes(sample_build):
    manifest = json.loads((sample_build.folder / "target/manifest.json").read_text())
    return {
        unique_id: node
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed")
    }


@pytest.fixture(scope="module")
def sql_of(nodes, sample_build):
    """What each model reads by, without its comments; of a Python model its code."""
    compiled = sample_build.folder / "target/compiled/assay"
    return {
        unique_id: node["raw_code"]
        if node["language"] == "python"
        else re.sub(r"--.*", "", (compiled / node["original_file_path"]).read_text())
        for unique_id, node in nodes.items()
        if node["resource_type"] == "model"
    }


def names(unique_id, nodes, reader):
    """How the reader names what it reads."""
    node = nodes[unique_id]
    is_python = nodes[reader]["language"] == "python"
    return f'dbt.ref("{node["name"]}")' if is_python else node["relation_name"]


def test_every_edge_is_read(nodes, sql_of):
    unread = [
        (nodes[reader]["name"], nodes[read]["name"])
        for reader in sql_of
        for read in nodes[reader]["depends_on"]["nodes"]
        if names(read, nodes, reader) not in sql_of[reader]
        and not GATES & {nodes[reader]["name"], nodes[read]["name"]}
    ]
    assert unread == []


def test_nothing_is_read_without_an_edge(nodes, sql_of):
    hidden = [
        (nodes[reader]["name"], nodes[read]["name"])
        for reader, sql in sql_of.items()
        for read in nodes.keys() - {reader, *nodes[reader]["depends_on"]["nodes"]}
        if names(read, nodes, reader) in sql
    ]
    assert hidden == []


def test_the_line_is_twenty_models_deep(nodes, sql_of):
    """To its end, the repaired tables; what they are worth is three models more."""

    @cache
    def depth(unique_id):
        read = nodes[unique_id]["depends_on"]["nodes"]
        return 1 + max((depth(other) for other in read if other in sql_of), default=0)

    # What is told of the repaired tables comes after them.
    behind = {unique_id for unique_id in sql_of if "effect" in nodes[unique_id]["tags"]}
    assert max(map(depth, sql_of.keys() - behind)) <= 20
    assert behind
    assert max(map(depth, behind)) <= 23


def test_measures_after_a_repair_are_few_models(nodes):
    mirrored = [
        n["name"] for n in nodes.values() if n["name"].startswith("int_repaired_")
    ]
    assert len(mirrored) <= 4


def test_nothing_but_a_repair_waits_for_repairs(nodes, sql_of):
    """No failing repair keeps the index from being built."""
    is_repair = {u for u in sql_of if "repair" in nodes[u]["tags"]}
    assert is_repair
    waiting = [
        nodes[reader]["name"]
        for reader in sql_of.keys() - is_repair
        if is_repair & set(nodes[reader]["depends_on"]["nodes"])
    ]
    assert waiting == []


def test_what_is_public_says_what_its_columns_are(nodes):
    public = [n for n in nodes.values() if n["config"].get("access") == "public"]
    assert public
    for node in public:
        assert node["contract"]["enforced"], node["name"]
        for column in node["columns"].values():
            assert column["description"] and column["data_type"], (node["name"], column)
