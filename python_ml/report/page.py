"""The page: what the marts answer, as one HTML file that needs nothing else."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import date
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from python_ml.report import figures
from python_ml.report.calendar import calendars
from python_ml.report.changes import SHOWN as INCIDENTS
from python_ml.report.changes import builds, changes
from python_ml.report.labels import SHOWN as SUSPECTS
from python_ml.report.labels import labels
from python_ml.report.marts import PERIODS, Marts, opened, personal_columns
from python_ml.report.repairs import SHOWN as CAUSES
from python_ml.report.repairs import repairs
from python_ml.report.rules import SHOWN as RULES
from python_ml.report.rules import rules
from python_ml.report.scores import DIMENSIONS, LEVELS, components, floor_of, slices
from python_ml.report.scores import scopes as scopes_of
from python_ml.report.trend import days_of_feeds, trend
from python_ml.report.visible import Personal, visible
from python_ml.report.words import Words

_FOLDER = "page"


def write_report(
    database: Path,
    out: Path,
    *,
    schema: str | None = None,
    language: str = "en",
    target: Path | None = None,
) -> None:
    """Write the page of the last build.

    Args:
        database: The DuckDB file that `dbt build` wrote; opened read-only.
        out: The file to write; its folder is made.
        schema: The schema of the marts; by default the one that holds them.
        language: `en` or `zh`.
        target: The folder with dbt's `manifest.json`, which says which columns are
            personal beyond those whose names do.

    Raises:
        FileNotFoundError: If there is no such database.
        ValueError: If its marts are empty or cannot be read, or there is no such
            language.
    """
    words = Words(language)
    personal = personal_columns(target) if target else Personal()
    with opened(database, schema) as marts:
        text = page(marts, personal, words, (out.parent / "index.html").exists())
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, encoding="utf-8")


def page(marts: Marts, personal: Personal, words: Words, has_docs: bool) -> str:
    """Return the page as HTML.

    Args:
        marts: What is shown.
        personal: Which columns are shown as shapes.
        words: The language.
        has_docs: Whether the documentation lies beside it, to be linked to.
    """
    scopes = scopes_of(marts)
    feeds = [scope.feed for scope in scopes if scope.feed]
    days = days_of_feeds(marts)
    # Read here, not by name in the page: what is hashed is what stands there.
    style, script = _file("page.css"), _file("page.js")
    return (
        _environment(words)
        .get_template("page.html")
        .render(
            words=words,
            style=Markup(style),
            script=Markup(script),
            policy=_policy(style, script),
            has_docs=has_docs,
            written=date.today(),
            as_of=marts.as_of,
            periods={period: marts.start(period) for period in PERIODS},
            feeds=sorted(feeds),
            scopes=scopes,
            dimensions=DIMENSIONS,
            levels=LEVELS,
            components=components(marts),
            slices=slices(marts),
            floor=floor_of(_scores(scopes)),
            changes=changes(marts, personal),
            builds=builds(marts),
            trend=trend(marts, days, feeds),
            calendars=calendars(marts, days, feeds, personal),
            rules=rules(marts, personal),
            labels=labels(marts, personal),
            repairs=repairs(marts, personal),
            shown={
                "incidents": INCIDENTS,
                "rules": RULES,
                "suspects": SUSPECTS,
                "causes": CAUSES,
            },
        )
    )


def _environment(words: Words) -> Environment:
    """Return templates in which every value is made visible, and then escaped."""
    environment = Environment(
        loader=PackageLoader("python_ml.report", _FOLDER),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["_"] = words
    for name in ("score", "percent", "whole", "gain", "p_value", "place", "height"):
        environment.filters[name] = getattr(figures, name)
    environment.filters["measured"] = lambda value, measure: figures.measured(
        value, measure, words
    )
    environment.filters["as_json"] = _as_json
    environment.globals["span"] = figures.span
    return environment


def _shown(value: object) -> object:
    return visible(value) if type(value) is str else value


def _as_json(totals: dict[str, int]) -> str:
    """Write totals by feed, with feeds named as they are everywhere in the page."""
    return json.dumps({visible(feed): total for feed, total in totals.items()})


def _policy(style: str, script: str) -> str:
    """Return a content policy that lets in what stands in the page alone."""
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)};"
        " img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _file(name: str) -> str:
    return (files("python_ml.report") / _FOLDER / name).read_text(encoding="utf-8")


def _scores(scopes: list) -> list[float | None]:
    return [
        value for scope in scopes for value in (scope.index, *scope.scores.values())
    ]
