"""Run the hand-written SQL on one folder of feeds, as a process of its own."""

import sys
from pathlib import Path

import duckdb
from simulate import AS_OF

HERE = Path(__file__).parent

if __name__ == "__main__":
    folder, database = sys.argv[1:]
    with duckdb.connect(database) as connection:
        connection.execute("set threads = 2; set preserve_insertion_order = false")
        variables = {
            "folder": folder,
            "vocabularies": str(HERE.parent / "seeds/vocabularies.csv"),
            "as_of": AS_OF,
        }
        for name, value in variables.items():
            connection.execute(f"set variable {name} = '{value}'")
        connection.execute((HERE / "hand_written.sql").read_text())
