"""`assay alert`: tell people of incidents, when they open and when they are over."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from python_ml.command_line.arguments import count

if TYPE_CHECKING:
    from python_ml.alerts.messages import Alert

NOT_DELIVERED = 3
_EXIT_CODES = (
    "The exit code is 0 if all that was due is delivered (or nothing was due), 3 if"
    " something is not: the next call tries it again, with the same id; 1 if the"
    " warehouse or the log cannot be read or written; 2 for a call that cannot be"
    " understood."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add where to, from where, and how long it is tried."""
    parser.epilog = _EXIT_CODES
    parser.add_argument(
        "--to",
        required=True,
        metavar="URL|env:NAME|FILE|-",
        help="a webhook that takes what Slack takes (env:NAME: the variable that holds"
        " its URL), a file to append lines of JSON to, or - for text on stdout",
    )
    parser.add_argument(
        "--database",
        type=Path,
        default=Path(os.environ.get("ASSAY_DATABASE", "warehouse.duckdb")),
        help="default: ASSAY_DATABASE, or warehouse.duckdb",
    )
    parser.add_argument(
        "--schema", help="that of the marts; default: the one that holds them"
    )
    parser.add_argument(
        "--log",
        type=Path,
        help="the file that says what was delivered; default: beside the database,"
        " <database>.alerts.jsonl",
    )
    parser.add_argument(
        "--token-in",
        metavar="NAME",
        help="the variable with a token to send as `Authorization: Bearer`",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="print what is due as text; deliver and mark nothing",
    )
    parser.add_argument(
        "--attempts", type=count, default=5, help="of a message, at most; default: 5"
    )
    parser.add_argument(
        "--timeout",
        type=count,
        default=10,
        metavar="SECONDS",
        help="of an attempt; default: 10",
    )
    parser.add_argument(
        "--patience",
        type=count,
        default=300,
        metavar="SECONDS",
        help="of all messages together, waits included; default: 300",
    )


def run(options: argparse.Namespace) -> int:
    """Deliver what is due; say on stderr what came of it."""
    from python_ml.alerts.destinations import Terminal, destination
    from python_ml.alerts.log import DeliveryLog
    from python_ml.alerts.messages import due_messages
    from python_ml.alerts.sending import Persistence, send

    to = destination(options.to, os.environ, options.token_in)
    log = DeliveryLog(options.log or Path(f"{options.database}.alerts.jsonl"))
    alerts = read_alerts(options.database, options.schema)
    if options.dry_run:
        due = due_messages(alerts, log.deliveries(to.key))
        for message in due:
            Terminal().deliver(message, options.timeout)
        print(f"Due: {len(due):,}. Nothing was sent.", file=sys.stderr)
        return 0
    with log.locked():
        log.mend()
        due = due_messages(alerts, log.deliveries(to.key))
        outcome = send(
            due,
            to,
            lambda message: log.mark(message, to.key),
            Persistence(
                attempts=options.attempts,
                timeout=options.timeout,
                patience=options.patience,
            ),
        )
    print(
        f"Delivered to {to.shown}: {len(outcome.delivered):,} of {len(due):,}.",
        file=sys.stderr,
    )
    if not outcome.left:
        return 0
    for problem in sorted({problem for _, problem in outcome.left}):
        number = sum(problem == other for _, other in outcome.left)
        print(f"Not delivered: {number:,}, {problem}.", file=sys.stderr)
    print("The next call tries them again, with the same ids.", file=sys.stderr)
    return NOT_DELIVERED


def read_alerts(database: Path, schema: str | None = None) -> list[Alert]:
    """Read `fct_alerts`, and let the warehouse go at once.

    Raises:
        FileNotFoundError: If there is no such warehouse.
        ValueError: If another process writes it, or it has no alerts.
    """
    import duckdb

    from python_ml.alerts.messages import alerts_of
    from python_ml.common.marts import duckdb_name

    if not database.exists():
        raise FileNotFoundError(f"There is no {database}: run `dbt build` first.")
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            found = connection.execute(
                "select schema_name from duckdb_tables()"
                " where table_name = 'fct_alerts' order by 1"
            ).fetchall()
            names = [schema] if schema else [name for (name,) in found]
            if len(names) > 1:
                listed = ", ".join(names)
                raise ValueError(
                    f"There are marts in {listed}: name one with --schema."
                )
            if not names:
                raise ValueError(
                    f"{database} has no fct_alerts: run `dbt build` first."
                )
            # Times without a zone, and no library that reads zones.
            rows = connection.execute(f"from {duckdb_name(names[0])}.fct_alerts")
            columns = [name for name, *_ in rows.description or []]
            return alerts_of(
                dict(zip(columns, row, strict=True)) for row in rows.fetchall()
            )
    except duckdb.Error as error:
        raise ValueError(
            f"{database} has no readable alerts: {error}".splitlines()[0]
        ) from error
