"""What a value must be to pass the rule `in_format`, asked of DuckDB itself.

A repair that the rule would reject is none. The conditions here are those of
`tests/generic/in_format.sql` and the macros it calls, turned round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FORMS = {
    "number": "double",
    "integer": "bigint",
    "boolean": "boolean",
    "date": "timestamp",
    "timestamp": "timestamp",
    "currency": None,
    "measurement": None,
    "json": None,
    "clean_text": None,
}
WHITE_SPACE = r"[\s\p{Z}\x{b}\x{85}\x{200b}-\x{200d}\x{2060}\x{feff}]"
# What DuckDB takes for JSON, but RFC 8259 does not: as in `form_sql`.
_NO_JSON = r"""^(?:[^"]|"(?:[^"\\]|\\.)*")*?(?:,\s*[\]}]|(?i:nan|inf))"""


@dataclass(frozen=True)
class FormatRule:
    """The arguments of one rule `in_format`.

    Attributes:
        form: The argument `is`: number, integer, boolean, date, timestamp, currency,
            measurement, json, clean_text, or None.
        pattern: A regular expression of RE2, found in the value, or None.
        allowed: The values allowed, or None.
        minimum: Of a number, itself allowed, or None.
        maximum: Of a number, itself allowed, or None.
        type: The type of the column, as DuckDB calls it.
        unclean_pattern: What clean text does not hold; for the form `clean_text`.
        vocabulary: Codes of currencies, or units; for these two forms.

    Raises:
        ValueError: If the arguments are no rule.
    """

    form: str | None = None
    pattern: str | None = None
    allowed: Sequence | None = None
    minimum: float | None = None
    maximum: float | None = None
    type: str = "varchar"
    unclean_pattern: str | None = None
    vocabulary: Sequence[str] | None = None

    def __post_init__(self) -> None:
        """Say in one sentence what is missing or unknown."""
        if self.form is not None and self.form not in FORMS:
            raise ValueError(f"{self.form!r} is none of {', '.join(FORMS)}.")
        if self.form == "clean_text" and self.unclean_pattern is None:
            raise ValueError("The form clean_text needs unclean_pattern.")
        if self.form in ("currency", "measurement") and self.vocabulary is None:
            raise ValueError(f"The form {self.form} needs a vocabulary.")
        if not self._conditions()[0]:
            raise ValueError("There is no rule: give a form, pattern, values or range.")

    def passes(self, texts: Sequence[str]) -> np.ndarray:
        """Return whether each text passes, bool [texts].

        Args:
            texts: Not missing.

        Raises:
            duckdb.Error: If the pattern is no regular expression, or the type none of
                DuckDB.
        """
        import pyarrow as pa

        # A lone half of a surrogate pair is no text to DuckDB.
        is_text = np.array([_is_encodable(text) for text in texts], bool)
        result = np.zeros(len(texts), bool)
        if not is_text.any():
            return result
        conditions, parameters = self._conditions()
        kept = [text for text, keep in zip(texts, is_text, strict=True) if keep]
        with _database().cursor() as connection:
            connection.execute("set timezone = 'UTC'")
            connection.register(
                "texts", pa.table({"text": pa.array(kept, pa.string())})
            )
            query = f"select coalesce({' and '.join(conditions)}, false) from texts"
            found = connection.execute(query, parameters).fetchnumpy()
        result[is_text] = np.asarray(next(iter(found.values())), bool)
        return result

    def _conditions(self) -> tuple[list[str], list[object]]:
        """Return conditions that all hold of a right value, and their parameters."""
        conditions: list[str] = []
        parameters: list[object] = []
        type = self.type.lower()
        if type not in ("varchar", "text", "string"):
            conditions.append(f"{_cast(type)} is not null")
        if self.pattern is not None:
            conditions.append("regexp_matches(text, ?)")
            parameters.append(self.pattern)
        if self.allowed is not None:
            conditions.append("list_contains(?::varchar[], text)")
            parameters.append([str(value) for value in self.allowed])
        number = _cast("bigint" if type == "bigint" else "double")
        for bound, sign in ((self.minimum, ">="), (self.maximum, "<=")):
            if bound is not None:
                conditions.append(f"{number} {sign} ?")
                parameters.append(bound)
        cast_type = FORMS[self.form] if self.form else None
        if cast_type:
            conditions.append(f"{_cast(cast_type)} is not null")
        elif self.vocabulary is not None and self.form in ("currency", "measurement"):
            term = f"regexp_replace(text, '^{WHITE_SPACE}+|{WHITE_SPACE}+$', '', 'g')"
            if self.form == "measurement":
                number = "^[0-9]+(?:[.,][0-9]+)?"
                # `85123A` is a code: so many digits want a space.
                conditions.append(
                    f"not regexp_matches({term}, '^[0-9]{{5,}}[A-Za-z]$')"
                )
                term = f"regexp_extract({term}, '{number}\\s*(\\S+)$', 1)"
            conditions.append(f"list_contains(?::varchar[], {term})")
            parameters.append(list(self.vocabulary))
        elif self.form == "json":
            conditions.append("json_valid(text) and not regexp_matches(text, ?)")
            parameters.append(_NO_JSON)
        elif self.form == "clean_text":
            conditions.append("not regexp_matches(text, ?)")
            parameters.append(self.unclean_pattern)
        return conditions, parameters


@cache
def _database() -> DuckDBPyConnection:
    """Return a database in memory, which holds nothing."""
    import duckdb

    return duckdb.connect(config={"threads": 1, "autoinstall_known_extensions": False})


def _cast(type: str) -> str:
    """Return SQL for the text as the type, null where it is none."""
    cast = f"try_cast(trim(text) as {type})"
    if type == "timestamp":
        cast = "cast(try_cast(trim(text) as timestamptz) as timestamp)"
    if type in ("bigint", "integer"):
        return f"case when try_cast(trim(text) as double) = {cast} then {cast} end"
    if type in ("double", "timestamp"):
        return f"case when isfinite({cast}) then {cast} end"
    return cast


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
