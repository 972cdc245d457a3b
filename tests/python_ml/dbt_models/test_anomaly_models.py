"""What the dbt models of anomalies call, on Arrow tables as DuckDB gives them."""

import numpy as np
import pyarrow as pa

from python_ml.anomalies.schemas import anomalies_schema, incidents_schema
from python_ml.dbt_models.anomalies import anomalies_of_series, incidents_of_anomalies
from tests.python_ml.anomalies.series_tables import SCHEMA, day, series


def shifted():
    values = 50 + np.random.default_rng(0).normal(size=60)
    values[55] += 12
    return series(values, column_name="price")


def test_a_series_becomes_an_incident():
    found = anomalies_of_series(shifted())
    (incident,) = incidents_of_anomalies(found, shifted()).to_pylist()
    assert incident["first_day"] == day(55)


def test_what_was_found_before_changes_nothing():
    before = anomalies_of_series(shifted().slice(0, 50))
    assert anomalies_of_series(shifted(), before).equals(anomalies_of_series(shifted()))


def test_columns_without_values_have_any_type():
    table = shifted()
    for name, kind in (("rule_name", pa.int32()), ("value_of_column", pa.null())):
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, pa.nulls(len(table), kind))
    assert anomalies_of_series(table).equals(anomalies_of_series(shifted()))
    assert len(incidents_of_anomalies(anomalies_of_series(table), table)) == 1


def test_more_columns_and_other_types_of_numbers_do_not_matter():
    table = shifted().append_column("more", pa.repeat("x", 60))
    place = table.schema.get_field_index("denominator")
    table = table.set_column(place, "denominator", pa.repeat(1, 60))
    assert anomalies_of_series(table).equals(anomalies_of_series(shifted()))


def test_an_empty_table_of_series_gives_empty_tables():
    empty = pa.table({name: pa.nulls(0) for name in SCHEMA.names})
    found = anomalies_of_series(empty)
    assert found.schema == anomalies_schema()
    assert len(found) == 0
    assert incidents_of_anomalies(found, empty).schema == incidents_schema()
