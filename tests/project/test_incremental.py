"""A build that reads what has changed ends in the marts of one that reads all."""

import json
import os
import random
import signal
import time

import duckdb
import pytest

from tests.build import MODELS_ONLY, Project
from tests.edits import Shop

pytestmark = pytest.mark.build

SEED = 20261128
CONTRACT = "models/staging/stg_events.yml"
SELECT = "+int_events_issues +int_products_issues +int_rows_checked"
TABLES = [
    "assay_staging.stg_events",
    "assay_intermediate.int_events_issues",
    "assay_intermediate.int_products_issues",
    "assay_intermediate.int_rows_checked",
]
# As the build of a year of events is written: one file a day.
STEPS = [
    [
        *["add_a_day", "rows_come_late", "rows_are_deleted", "keys_change"],
        *["orders_are_cancelled", "references_vanish", "rows_repeat"],
    ],
    [
        *["references_arrive", "values_change", "contents_repeat", "time_goes_on"],
        *["rows_come_late_in_an_old_file", "a_rule_changes"],
    ],
    ["a_file_is_deleted", "references_change", "time_goes_back", "nothing_happens"],
]


def compared(first, second, tables) -> dict:
    """How many rows only one of two databases has, by table; of its columns all but the
    number of a record, which is of one build."""
    found = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{first}' as one (read_only)")
        connection.execute(f"attach '{second}' as other (read_only)")
        for table in tables:
            columns = connection.execute(
                f"select column_name, column_type from (describe other.{table})"
                " where column_name not in ('record_number', 'built_at')"
            ).fetchall()
            listed = ", ".join(
                f'"{column}"' if kind != "DOUBLE" else f'round("{column}", 9)'
                for column, kind in columns
            )
            one, other = (f"select {listed} from {n}.{table}" for n in ["one", "other"])
            found[table] = connection.execute(
                f"select (select count(*) from ({one} except all {other})),"
                f" (select count(*) from ({other} except all {one}))"
            ).fetchone()
    return {table: count for table, count in found.items() if count != (0, 0)}


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    print("seed", SEED)
    project = Project(tmp_path_factory.mktemp("incremental"))
    shop = Shop(project.folder, SEED)
    contract = (project.folder / CONTRACT).read_text(encoding="utf-8")

    def build(database, *arguments, select=SELECT, **settings):
        shop.write()
        project.write(CONTRACT, shop.rules(contract))
        project.build(
            shop.vars(),
            {
                **MODELS_ONLY,
                "ASSAY_DATABASE": str(project.folder / database),
                "DBT_FULL_REFRESH": str("--full-refresh" in arguments).lower(),
                **settings,
            },
            select=select,
        )
        return project.folder / database

    shop.build, shop.project = build, project
    return shop


def test_each_edit_is_covered(shop):
    assert {edit for step in STEPS for edit in step} == set(shop.edits)


def test_issues_after_edits_are_those_of_a_whole_build(shop):
    kept = shop.build("kept.duckdb")
    read_at_first = files(kept)
    for number, step in enumerate(STEPS):
        for edit in step:
            shop.edits[edit]()
        shop.build("kept.duckdb")
        whole = shop.build("whole.duckdb", "--full-refresh")
        assert compared(kept, whole, TABLES) == {}, step
        before, after = read_at_first, files(kept)
        assert len(before.items() & after.items()) >= 5, f"step {number} read all files"


def test_what_nothing_depends_on_is_not_evaluated_again(shop):
    shop.more_rules = False
    kept = shop.build("kept.duckdb")
    with duckdb.connect(kept) as connection:
        marked = connection.execute("""
            update assay_intermediate.int_events_issues set found_value = 'stands'
            where rule_name = 'event_type_is_known' returning record_number
        """).fetchall()
    shop.add_a_day()
    shop.build("kept.duckdb")
    with duckdb.connect(kept, read_only=True) as connection:
        stand = connection.execute("""
            select count(*) from assay_intermediate.int_events_issues
            where found_value = 'stands'
        """).fetchone()[0]
    assert len(marked) / 2 < stand <= len(marked)
    # What no build can know is mended by one that reads everything.
    shop.build("kept.duckdb", "--full-refresh")
    assert compared(kept, shop.build("whole.duckdb", "--full-refresh"), TABLES) == {}


def test_builds_that_are_killed_repeat_their_work(shop):
    moments = random.Random(SEED)
    kept = shop.build("kept.duckdb")
    for edit in ["add_a_day", "rows_are_deleted", "orders_are_cancelled"]:
        shop.edits[edit]()
        shop.write()
        process = shop.project.start(
            *["run", "--threads", "1", "--vars", json.dumps(shop.vars()), "--select"],
            *SELECT.split(),
            ASSAY_DATABASE=str(kept),
        )
        time.sleep(moments.uniform(3, 8))
        if process.is_alive():
            os.killpg(process.pid, signal.SIGKILL)
        process.join()
    shop.build("kept.duckdb")
    assert compared(kept, shop.build("whole.duckdb", "--full-refresh"), TABLES) == {}


def test_marts_are_those_of_a_whole_build(shop):
    shop.edits["rows_come_late"]()
    shop.edits["references_change"]()
    kept = shop.build("kept.duckdb", select=None)
    whole = shop.build("whole.duckdb", "--full-refresh", select=None)
    with duckdb.connect(whole, read_only=True) as connection:
        marts = connection.execute(
            "select 'assay_marts.' || table_name from duckdb_tables()"
            " where schema_name = 'assay_marts'"
        ).fetchall()
    assert len(marts) > 5
    assert compared(kept, whole, [mart for (mart,) in marts]) == {}


def test_without_it_every_build_reads_all_files(shop):
    given = shop.vars
    shop.vars = lambda: {**given(), "incremental": False}
    kept = shop.build("kept.duckdb")
    shop.vars = given
    # The table has been written by another model since: what is known of it is void.
    shop.build("kept.duckdb")
    assert compared(kept, shop.build("whole.duckdb", "--full-refresh"), TABLES) == {}


def test_texts_are_numbers_as_all_files_write_them(shop):
    """`1.299` is a number until most files write decimal commas, and again after."""
    folder = shop.project.folder
    vars = {"feeds": {"events": {"file": "logs/*.csv"}}}

    def prices(database, **settings):
        shop.project.build(
            vars,
            {
                **MODELS_ONLY,
                "ASSAY_DATABASE": str(folder / database),
                **settings,
            },
            select="+stg_events",
        )
        with duckdb.connect(folder / database, read_only=True) as connection:
            return connection.execute(
                "select event_id, price, price_as_found from assay_staging.stg_events"
                " order by all"
            ).fetchall(), connection.execute(
                "select file, read_by from assay_staging.stg_events_files"
            ).fetchall()

    def write(file, *written):
        (folder / "logs").mkdir(exist_ok=True)
        lines = [f'{file}{row},U1,P1,view,"{text}"' for row, text in enumerate(written)]
        header = "event_id,user_id,product_id,event_type,price"
        (folder / f"logs/{file}.csv").write_text("\n".join([header, *lines]) + "\n")

    write("a", "1.299", "5.25")
    write("b", "7.5")
    rows, read = prices("texts.duckdb")
    assert [row[1] for row in rows] == [1.299, 5.25, 7.5]
    write("c", "8.25")
    rows, read_again = prices("texts.duckdb")
    assert [row[1] for row in rows] == [1.299, 5.25, 7.5, 8.25]
    assert set(read) < set(read_again)
    for written in [["12,99", "3,5", "4,75"], ["12.99"] * 9, ["12,99"] * 30]:
        write("d", *written)
        kept = prices("texts.duckdb")[0]
        assert kept == prices("texts_whole.duckdb", DBT_FULL_REFRESH="true")[0]
        assert (kept[0][1] is None) == (written[0] == "12,99")
    (folder / "logs/d.csv").unlink()
    assert prices("texts.duckdb")[0] == rows


def files(database) -> dict:
    """Which build read each file."""
    with duckdb.connect(database, read_only=True) as connection:
        return dict(
            connection.execute(
                "select file, read_by from assay_staging.stg_events_files"
            ).fetchall()
        )
