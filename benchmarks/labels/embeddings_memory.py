"""Peak memory of `int_text_embeddings`: it must not grow with the number of texts.

Builds the models before it on so many made reviews, then runs it alone in a process of
its own, with DuckDB held to 300 MB, and again with a tenth more reviews. The embeddings
of the last column would fill that many gigabytes if they were held at once.

    python benchmarks/labels/embeddings_memory.py --work work --rows 20000 80000
"""

import argparse
import shutil
import sys
from pathlib import Path

import duckdb

HERE = Path(__file__).parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent)]

from measure import REPOSITORY, Tool, timed  # noqa: E402

PARTS = ["macros", "models", "seeds", "tests/generic", "dbt_project.yml"]
VARS = "{feeds: {reviews: {}}, encoder: ngrams, as_of: 2026-07-01}"
DBT = [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "run"]


def project(folder: Path) -> Tool:
    """A copy of the project in which DuckDB has 300 MB."""
    shutil.rmtree(folder, ignore_errors=True)
    for part in PARTS:
        copy = shutil.copytree if (REPOSITORY / part).is_dir() else shutil.copy
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        copy(REPOSITORY / part, folder / part)
    profile = (REPOSITORY / "profiles.yml").read_text()
    limit = "      settings:\n        memory_limit: 300MB\n"
    (folder / "profiles.yml").write_text(profile.replace("      settings:\n", limit))
    environment = {
        "ASSAY_DATABASE": str(folder / "warehouse.duckdb"),
        "ASSAY_FOLDER": str(folder),
        "DBT_PROFILES_DIR": str(folder),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "PYTHONPATH": str(REPOSITORY),
    }
    return Tool("assay", DBT, "", folder=folder, environment=environment)


def write_reviews(folder: Path, rows: int) -> None:
    duckdb.execute(
        f"""
        copy (
            select
                'r' || number as review_id,
                'Review ' || number || ' of lamp ' || hash(number) as review_text,
                if(number % 2 = 0, 'good', 'bad') as label
            from range({rows}) as made (number)
        ) to '{folder / "reviews.parquet"}'
        """
    )


def measure(tool: Tool, rows: int) -> tuple[float, float, int]:
    """Peak gigabytes and seconds of the model, and how many texts are embedded."""
    write_reviews(tool.folder, rows)
    log = tool.folder / "log.txt"
    before = ["+int_text_embeddings", "--exclude", "int_text_embeddings"]
    seeds = [*DBT[:-1], "seed", "--exclude", "path:seeds/sample", "--vars", VARS]
    timed(seeds, tool, log)
    timed([*DBT, "--vars", VARS, "--select", *before], tool, log)
    only = [*DBT, "--vars", VARS, "--select", "int_text_embeddings"]
    timing = timed(only, tool, log)
    with duckdb.connect(tool.environment["ASSAY_DATABASE"]) as connection:
        (embedded,) = connection.execute(
            "select count(*) from assay_intermediate.int_text_embeddings"
        ).fetchone()
    return timing.peak_gigabytes, timing.seconds, embedded


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, required=True, help="an empty folder")
    parser.add_argument("--rows", type=int, nargs="+", default=[20_000, 80_000])
    options = parser.parse_args()
    print(f"{'texts':>10}{'new':>10}{'seconds':>10}{'peak GB':>10}{'all GB':>10}")
    for rows in options.rows:
        tool, known = project((options.work / str(rows)).resolve()), 0
        for count in (rows, rows + rows // 10):
            peak, seconds, embedded = measure(tool, count)
            assert embedded == count
            size = count * 1024 * 4 / 2**30
            print(
                f"{count:>10,}{count - known:>10,}{seconds:>10.1f}{peak:>10.2f}"
                f"{size:>10.2f}",
                flush=True,
            )
            known = count


if __name__ == "__main__":
    main()
