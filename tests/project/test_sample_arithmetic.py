"""Every number of the sample, computed again from the raw feeds and the truth.

Nothing here reads Assay's SQL: failing rows come from the truth file, rows checked from
the raw feeds with pandas, and the formulas are written out once more. Of learned rules
what python_ml said of each content is given, and all that follows from it is computed.
"""

from hashlib import md5
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from python_ml.sample.simulate import simulate
from tests.build import ROOT

AS_OF = pd.Timestamp("2026-07-01")
TOLERANCE = 1e-9
DIMENSIONS = ["completeness", "accuracy", "consistency", "timeliness"]
KEYS = {
    "products": ["product_id", "source_system"],
    "users": ["user_id"],
    "events": ["event_id"],
    "queries": ["query_id"],
    "relevance_labels": ["query_id", "product_id", "annotator"],
    "reviews": ["review_id"],
    "recommendations": ["impression_id"],
}
TIMES = {
    "products": "updated_at",
    "users": "updated_at",
    "events": "occurred_at",
    "queries": "issued_at",
    "relevance_labels": "labeled_at",
    "reviews": "reviewed_at",
    "recommendations": "shown_at",
}
COMPONENTS = {
    "not_missing": ("completeness", "missing"),
    "not_repeated": ("completeness", "repeat"),
    "covers": ("completeness", "coverage"),
    "refers_to": ("accuracy", "relation"),
    "agrees_with": ("consistency", "source"),
    "in_order": ("consistency", "source"),
    "in_pace": ("consistency", "source"),
    "share_of_value": ("completeness", "coverage"),
    "told_apart": ("completeness", "repeat"),
    "not_cancelled": ("consistency", "source"),
    "in_format": ("consistency", "format"),
    "updated_every": ("timeliness", "frequency"),
    "valid_for": ("timeliness", "validity"),
    "label_is_right": ("accuracy", "label"),
    "category_is_right": ("accuracy", "class"),
    "relation_is_right": ("accuracy", "relation"),
}
LEARNED = ["label_is_right", "category_is_right", "relation_is_right"]
# The rule kind that finds a defect; every other defect is one of form.
KIND_OF_DEFECT = {
    "missing": "not_missing",
    "blank": "not_missing",
    "placeholder": "not_missing",
    "repeat": "not_repeated",
    "repeat_content": "not_repeated",
    "orphan": "refers_to",
    "uncovered": "covers",
    "gap_day": "covers",
    "no_profile": "covers",
    "disagreement": "agrees_with",
    "out_of_order": "in_order",
    "future": "in_order",
    "stale": "valid_for",
    "late": "updated_every",
}
PLACEHOLDERS = set(
    pd.read_csv(ROOT / "seeds/placeholders.csv", keep_default_na=False).placeholder
)


class Sample:
    """The raw feeds, the truth, and the rules as the YAML has them."""

    def __init__(self, folder: Path, scores: pd.DataFrame):
        def read(path):
            return pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])

        self.feeds = {name: read(folder / f"sample_{name}.csv") for name in KEYS}
        truth = read(folder / "sample_truth.csv")
        self.truth = truth[truth.is_deterministic.str.lower() == "true"]
        self.rules = pd.DataFrame(
            rule for feed in KEYS for rule in rules_in_yaml(feed)
        ).set_index("rule_name", drop=False)
        weights = pd.read_csv(ROOT / "seeds/quality_weights.csv")
        self.weights = weights.set_index("feed")
        self.scores = scores
        self.judged = {
            rule.rule_name: judged_rows(self, rule)
            for rule in self.rules[self.rules.kind.isin(LEARNED)].itertuples()
        }


def rules_in_yaml(feed):
    text = (ROOT / f"models/staging/stg_{feed}.yml").read_text(encoding="utf-8")
    model = yaml.safe_load(text)["models"][0]
    places = [(None, model)] + [(column["name"], column) for column in model["columns"]]
    for column, place in places:
        for entry in place.get("data_tests", []):
            ((kind, test),) = entry.items()
            if kind not in COMPONENTS:
                continue
            arguments = test.get("arguments", {})
            yield {
                "rule_name": test["name"],
                "feed": feed,
                "column": column,
                "kind": kind,
                "arguments": arguments,
                "dimension": COMPONENTS[kind][0],
                "component": COMPONENTS[kind][1],
                "weight": arguments.get("weight", 1),
                "max_rate": arguments.get("max_rate", 0),
            }


def present(values: pd.Series) -> pd.Series:
    bare = values.str.strip(" \t\n\r\x0b\x0c\u00a0\u3000\u200b\ufeff").str.lower()
    return values.notna() & (bare != "") & ~bare.isin(PLACEHOLDERS)


def times(values: pd.Series) -> pd.Series:
    return pd.to_datetime(values, format="%Y-%m-%d %H:%M:%S", errors="coerce")


def text_of(sample: Sample, rule, argument) -> pd.Series:
    """The text that a label is about, one for each row; null where there is none."""
    rows = sample.feeds[rule.feed]
    if isinstance(argument, str):
        return rows[argument].where(present(rows[argument]))
    others = sample.feeds[argument["to"].split("'")[1].removeprefix("stg_")]
    field, key = argument["field"], argument["key"]
    others = others[present(others[field]) & present(others[key])]
    texts = rows[key].map(others.groupby(key)[field].min())
    return texts.where(present(rows[key]))


def judged_rows(sample: Sample, rule) -> pd.DataFrame:
    """The rows that a learned rule checks, with what was said of their content."""
    rows = sample.feeds[rule.feed]
    arguments = [rule.arguments.get(name) for name in ("text", "left", "right")]
    texts = [text_of(sample, rule, argument) for argument in arguments if argument]
    checked = present(rows[rule.column])
    for text in texts:
        checked &= text.notna()
    labels = rows[rule.column][checked]
    said = labels.str.strip().str.split().str.join(" ").str.lower()
    spellings = pd.DataFrame({"said": said, "label": labels}).value_counts()
    spellings = spellings.reset_index().sort_values(
        ["count", "label"], ascending=[False, True]
    )
    usual = said.map(spellings.drop_duplicates("said").set_index("said").label)
    parts = [text[checked].map(digest) for text in texts] + [usual]
    contents = pd.concat(parts, axis=1).agg("|".join, axis=1).map(digest)
    scores = sample.scores[sample.scores.rule_name == rule.rule_name]
    judged = scores.set_index("content_hash").loc[contents].set_index(labels.index)
    keys = rows[KEYS[rule.feed]].fillna("").agg("|".join, axis=1)
    return judged.assign(
        record_key=keys,
        occurrence=keys.groupby(keys).cumcount() + 1,
        label=labels,
        labeled_text=texts[0],
        other_text=texts[1] if len(texts) > 1 else "",
    )


def digest(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def slice_of_labels(judged: pd.DataFrame, mask: pd.Series) -> tuple:
    """Rate and interval of a learned rule in a slice."""
    overall = judged.iloc[0]
    rate, low, high = overall[["error_rate", "error_rate_low", "error_rate_high"]]
    if mask.all():
        return rate, low, high
    found = judged.error_probability[mask.reindex(judged.index)]
    if found.empty:
        return np.nan, np.nan, np.nan
    share = min(1, found.mean() * rate / judged.error_probability.mean())
    ends = [wilson(share, len(found), side) for side in (-1, 1)]
    by_share = 1 - (1 - ends[1]) * (1 - high) / (1 - rate)
    return share, ends[0] * low / rate, max(min(1, ends[1] * high / rate), by_share)


def suspects(judged: pd.DataFrame) -> pd.DataFrame:
    """The suspect labels of a rule, the most suspect first."""
    found = judged[judged.is_suspect].rename(columns={"label": "given_label"})
    found = found.rename_axis("row_number").reset_index()
    order = ["error_probability", "record_key", "occurrence", "row_number"]
    found = found.sort_values(order, ascending=[False, True, True, True])
    return found.assign(suspect_rank=range(1, len(found) + 1), is_audited=False)


def first_round_of_audits(judged: pd.DataFrame) -> pd.DataFrame:
    """The hundred records of a rule to look at, and how many each stands for."""
    found = judged.drop_duplicates("record_key")
    spread = np.sqrt(found.error_probability * (1 - found.error_probability))
    share = 0.8 + 0.2 * spread / spread.mean()
    names = found.rule_name + "|" + found.record_key + "|0"
    number = names.map(lambda name: (int(digest(name)[:13], 16) + 0.5) / 16**13)
    found = found.assign(share=share, priority=number / share).sort_values("priority")
    chance = (found.share * found.priority.iloc[100]).clip(upper=1)
    found = found.assign(sampling_weight=1 / chance)[:100]
    return found.assign(audit_rank=range(1, 101))


def rows_checked(sample: Sample, rule) -> pd.Series:
    """Which rows of its feed a rule about rows can judge."""
    rows = sample.feeds[rule.feed]
    kind, column, arguments = rule.kind, rule.column, rule.arguments
    # The sample has no cancellations, and what has no time is stale.
    if kind in ("not_missing", "not_cancelled", "valid_for"):
        return pd.Series(True, rows.index)
    if kind == "not_repeated":
        columns = arguments.get("columns", [column])
        return rows[columns].apply(present).any(axis=1)
    if kind in ("in_format", "refers_to"):
        return present(rows[column])
    if kind == "agrees_with":
        key = arguments["key"]
        key = [key] if isinstance(key, str) else key
        compared = present(rows[column])
        if column == "price":
            compared &= pd.to_numeric(rows.price, errors="coerce").notna()
        compared &= rows[key].notna().all(axis=1)
        sizes = rows[compared].groupby(key)[column].transform("size")
        return sizes.reindex(rows.index).fillna(0) > 1
    if kind == "told_apart":  # No product is listed under two ids.
        return present(rows[column]) & present(rows[arguments["by"][0]])
    if kind == "in_pace":
        moment = times(rows[column])
        checked = present(rows[arguments["per"]]) & moment.notna()
        # Of the full hour only the hour may be known.
        checked &= moment.dt.floor("h") != moment
        return checked & rows.event_type.isin(["view", "click"])
    if kind == "in_order":
        first = times(rows[column]).notna()
        if "after" in arguments:
            after = arguments["after"]
            others = sample.feeds[after["to"].split("'")[1].removeprefix("stg_")]
            begun = others[after["key"]][times(others[after["field"]]).notna()]
            return first & rows[after["key"]].isin(begun.dropna())
        before = arguments["before"]
        return first if before == "as_of" else first & times(rows[before]).notna()
    raise AssertionError(kind)


def odd_rows(sample: Sample, rule, checked: pd.Series) -> pd.Series:
    """How likely each row is the odd one of those that speak of the same thing.

    Of the values that they name one is right, each in proportion to the odds that a row
    is right, to the power of the rows that name it.
    """
    rows = sample.feeds[rule.feed][checked]
    key = rule.arguments["key"]
    thing = rows[[key] if isinstance(key, str) else key].agg("|".join, axis=1)
    fact = rows[rule.column].str.split().str.join(" ").str.lower()
    if rule.column == "price":
        fact = pd.to_numeric(rows.price, errors="coerce")
    said = pd.DataFrame({"thing": thing, "fact": fact})
    votes = said.groupby(["thing", "fact"]).size().rename("votes")
    of_thing = votes.groupby("thing")
    rate = votes.sum() - of_thing.max().sum() + 0.5
    rate = np.clip(rate / (votes.sum() + 5), 0.0005, 0.45)
    weight = (
        (votes * np.log((1 - rate) / rate))
        .groupby("thing")
        .transform(lambda log_weight: np.exp(log_weight - log_weight.max()))
    )
    right = weight / weight.groupby("thing").transform("sum")
    probability = said.join(right.rename("right"), on=["thing", "fact"]).right
    return (1 - probability).reindex(checked.index)


def odd_users(sample: Sample) -> set:
    """Events whose user is as likely as not another one than that of the session."""
    rule = sample.rules.loc["event_session_has_one_user"]
    odds = odd_rows(sample, rule, rows_checked(sample, rule))
    return set(odds.index[odds >= 0.5 - 1e-12])


def truth_of(sample: Sample, rule) -> pd.DataFrame:
    """The planted defects that a rule must find."""
    truth = sample.truth[sample.truth.feed == rule.feed]
    kinds = truth.defect.map(KIND_OF_DEFECT).fillna("in_format")
    truth = truth[kinds == rule.kind]
    if rule.kind == "not_repeated":
        columns = rule.arguments.get("columns", [rule.column])
        defect = "repeat" if columns == KEYS[rule.feed] else "repeat_content"
        return truth[truth.defect == defect]
    if rule.kind == "in_order":
        if "after" in rule.arguments:  # None is planted.
            return truth[:0]
        if rule.arguments["before"] == "as_of":
            is_of_column = truth.column_name == rule.column
            return truth[(truth.defect == "future") & is_of_column]
        return truth[truth.defect != "future"]
    return truth[truth.column_name == rule.column]


def failing_in_consequence(sample: Sample, rule) -> pd.DataFrame:
    """Rows that fail a rule because of a defect planted for another one.

    What has no time is stale, keys that lack the same part are the same, and a user
    that nobody knows is another one than that of the rest of the session.
    """
    rows = sample.feeds[rule.feed]
    fails = pd.Series(False, rows.index)
    if rule.rule_name == "event_session_has_one_user":
        compared = rows[rows_checked(sample, rule)]
        users = compared.user_id.str.strip().str.lower()
        users = users.groupby(compared.session_id).transform("nunique")
        fails[users.index[users > 1]] = True
    if rule.kind == "valid_for":
        fails = times(rows[rule.column]).isna()
    elif rule.kind == "not_repeated":
        columns = rule.arguments.get("columns", [rule.column])
        parts = rows[columns].where(rows[columns].apply(present))
        lacks = parts.isna().any(axis=1) & parts.notna().any(axis=1)
        in_order = parts.loc[rows[lacks].sort_values(list(rows)).index]
        fails[in_order.index] = in_order.duplicated()
    keys = rows[KEYS[rule.feed]].fillna("").agg("|".join, axis=1)
    return pd.DataFrame({"row_number": rows.index[fails], "record_key": keys[fails]})


def expected_members(sample: Sample, rule) -> int:
    if rule.arguments.get("every") == "day":
        seen = times(sample.feeds[rule.feed][rule.column])
        first = seen[seen < AS_OF].min().normalize()
        return (AS_OF.normalize() - first).days
    other = rule.arguments["expected"].split("'")[1].removeprefix("stg_")
    members = sample.feeds[other][rule.arguments["field"]]
    return members[present(members)].nunique()


def slices(sample: Sample, feed: str) -> dict[tuple, pd.Series]:
    """The rows of each slice of a feed, as masks."""
    rows = sample.feeds[feed]
    masks = {("all", None): pd.Series(True, rows.index)}
    columns = {"day": times(rows[TIMES[feed]]).dt.strftime("%Y-%m-%d")}
    for name in ("source_system", "category"):
        if name in rows and (name == "source_system" or feed == "products"):
            columns[name] = rows[name]
    for slice_type, values in columns.items():
        values = values.fillna("(missing)")
        masks |= {(slice_type, value): values == value for value in values.unique()}
    return masks


def measures(sample: Sample) -> pd.DataFrame:
    """Rows checked, failing rows and failure rate of every rule in every slice."""
    found = []
    for feed in KEYS:
        masks = slices(sample, feed)
        for rule in sample.rules[sample.rules.feed == feed].itertuples():
            if rule.kind in LEARNED:
                judged = sample.judged[rule.rule_name]
                for scope, mask in masks.items():
                    inside = mask.reindex(judged.index)
                    counts = inside.sum(), (judged.is_suspect & inside).sum()
                    rates = slice_of_labels(judged, mask)
                    found.append((rule.rule_name, *scope, *counts, *rates))
                continue
            truth = truth_of(sample, rule)
            if rule.kind == "updated_every":
                value, unit = rule.arguments["cycle"].split()
                cycle = pd.Timedelta(int(value), unit.rstrip("s"))
                stamps = times(sample.feeds[feed][rule.column])
                for scope, mask in masks.items():
                    if scope[0] not in ("all", "source_system"):
                        continue
                    newest = stamps[mask & (stamps <= AS_OF)].max()
                    rate = 1 - min(1, cycle / (AS_OF - newest))
                    found.append((rule.rule_name, *scope, 1, int(rate > 0), rate))
            elif rule.kind == "share_of_value":
                values = sample.feeds[feed][rule.column]
                shares = values[present(values)].value_counts(normalize=True)
                limit = max(1, rule.arguments["among"] / len(shares))
                rate = max(0, 1 - rule.arguments["max"] * limit / shares.max())
                found.append((rule.rule_name, "all", None, 1, int(rate > 0), rate))
            elif rule.kind == "covers":
                members = expected_members(sample, rule)
                rate = len(truth) / members
                found.append((rule.rule_name, "all", None, members, len(truth), rate))
            else:
                checked = rows_checked(sample, rule)
                failing = pd.Series(False, checked.index)
                failing[truth.row_number.astype(int)] = True
                failing[failing_in_consequence(sample, rule).row_number] = True
                wrong = failing.astype(float)
                if rule.kind == "agrees_with":
                    wrong *= odd_rows(sample, rule, checked)
                for scope, mask in masks.items():
                    total, bad = (checked & mask).sum(), (failing & mask).sum()
                    rate = wrong[checked & mask].sum() / total if total else np.nan
                    found.append((rule.rule_name, *scope, total, bad, rate))
    names = "rule_name slice_type slice_value rows_checked failing_rows failure_rate"
    columns = [*names.split(), "rate_low", "rate_high"]
    found = [(*row, np.nan, np.nan)[: len(columns)] for row in found]
    measures = pd.DataFrame(found, columns=columns)
    is_counted = ~measures.rule_name.isin(sample.judged) & (measures.rows_checked > 0)
    ages = sample.rules.index[
        sample.rules.kind.isin(["updated_every", "share_of_value"])
    ]
    for end, side in (("rate_low", -1), ("rate_high", 1)):
        bound = wilson(measures.failure_rate, measures.rows_checked, side)
        bound = bound.where(~measures.rule_name.isin(ages), measures.failure_rate)
        measures[end] = bound.where(is_counted, measures[end])
    return measures


def wilson(rate, checked, side):
    z = 1.959963984540054
    centre = rate + z**2 / (2 * checked)
    spread = z * np.sqrt(rate * (1 - rate) / checked + z**2 / (4 * checked**2))
    end = (centre + side * spread) / (1 + z**2 / checked)
    return np.clip(end, 0, 1)


def indexes(sample: Sample, found: pd.DataFrame) -> pd.DataFrame:
    """Dimension scores and index of every scope, from the measures."""
    rules = found.merge(
        sample.rules.drop(columns="rule_name"), left_on="rule_name", right_index=True
    )
    # A rule that checked no row may be anything; the mean leaves it out.
    is_measured = rules.rows_checked > 0
    rules["index"] = rules.failure_rate.where(is_measured)
    rules["low"] = rules.rate_high.where(is_measured, 1)
    rules["high"] = rules.rate_low.where(is_measured, 0)
    rows = []
    scopes = rules.groupby(["feed", "slice_type", "slice_value"], dropna=False)
    for (feed, slice_type, slice_value), scope in scopes:
        row = {"feed": feed, "scope_type": slice_type, "scope_value": slice_value}
        weights = sample.weights.loc[feed, DIMENSIONS]
        # A dimension of which the feed has no rule at all may be anything, too.
        of_feed = set(sample.rules.dimension[sample.rules.feed == feed])
        asked = set(scope.dimension) | (set(DIMENSIONS) - of_feed)
        weights = weights[[d for d in DIMENSIONS if d in asked]]
        share = pd.Series(0.0, weights.index)
        for reading, unknown in (("index", np.nan), ("low", 0), ("high", 1)):
            scores = pd.Series(unknown, weights.index, dtype=float)
            for dimension, of_dimension in scope.groupby("dimension"):
                known = of_dimension[of_dimension[reading].notna()]
                if reading == "index":
                    share[dimension] = known.weight.sum() / of_dimension.weight.sum()
                if len(known):
                    scores[dimension] = np.prod(
                        [
                            1 - np.average(component[reading], weights=component.weight)
                            for _, component in known.groupby("component")
                        ]
                    )
            row[reading] = (weights * scores).sum() / weights[scores.notna()].sum()
            if reading == "index":
                row |= {f"{d}_score": score for d, score in scores.items()}
        row["measured_weight"] = (weights * share).sum() / weights.sum()
        rows.append(row)
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def truth_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("truth")
    simulate(folder, format="csv", prefix="sample_")
    return folder


@pytest.fixture(scope="module")
def sample(truth_folder, sample_build):
    scores = sample_build.query("from assay_intermediate.int_label_scores")
    return Sample(truth_folder, scores)


@pytest.fixture(scope="module")
def expected_measures(sample):
    return measures(sample)


@pytest.fixture(scope="module")
def expected_indexes(sample, expected_measures):
    return indexes(sample, expected_measures)


def test_the_seeds_are_what_the_simulator_writes(truth_folder):
    for feed in KEYS:
        name = f"sample_{feed}.csv"
        seed = ROOT / "seeds/sample" / name
        assert seed.read_bytes() == (truth_folder / name).read_bytes(), name


def test_every_planted_defect_is_found_and_nothing_else(sample, sample_build):
    issues = sample_build.query("select * from fct_quality_issues")
    issues = issues[~issues.rule_name.isin(sample.judged)]
    found = issues.groupby(["rule_name", issues.record_key.fillna("")]).size()
    planted = pd.concat(
        truth_of(sample, rule).assign(rule_name=rule.rule_name)
        for rule in sample.rules.itertuples()
        if rule.rule_name not in sample.judged
    )
    assert len(planted) == len(sample.truth), "a defect that no rule is there to find"
    consequences = pd.concat(
        failing_in_consequence(sample, rule).assign(rule_name=rule.rule_name)
        for rule in sample.rules.itertuples()
        if rule.rule_name not in sample.judged
    )
    planted = pd.concat([planted, consequences])
    planted = planted.groupby(["rule_name", planted.record_key.fillna("")]).size()
    pd.testing.assert_series_equal(found, planted, check_names=False)


def test_every_measure(expected_measures, sample_build):
    found = sample_build.query("select * from fct_quality_measures")
    key = ["rule_name", "slice_type", "slice_value"]
    both = found.merge(expected_measures, "outer", key, suffixes=("", "_expected"))
    assert len(both) == len(found) > 10_000
    columns = ["rows_checked", "failing_rows", "failure_rate", "rate_low", "rate_high"]
    for column in columns:
        np.testing.assert_allclose(
            both[column].astype(float),
            both[f"{column}_expected"].astype(float),
            rtol=0,
            atol=TOLERANCE,
            err_msg=column,
        )


def test_every_rule(sample, expected_measures, sample_build):
    found = sample_build.query("select * from fct_quality_rules").set_index("rule_name")
    expected = expected_measures
    expected = expected[expected.slice_type == "all"].set_index("rule_name")
    assert set(found.index) == set(expected.index) == set(sample.rules.index)
    for name, rule in found.iterrows():
        rate = expected.failure_rate[name]
        assert rule.failure_rate == pytest.approx(rate, abs=TOLERANCE), name
        over = rate > sample.rules.max_rate[name]
        assert rule.verdict == ("failed" if over else "passed"), name
        ends = [expected.rate_low[name], expected.rate_high[name]]
        assert [rule.rate_low, rule.rate_high] == pytest.approx(ends, abs=TOLERANCE)
        assert rule.rate_basis == ("model" if name in sample.judged else "counted")


def test_the_order_of_a_sum_decides_on_no_digit_shown(sample_build):
    found = sample_build.query("from fct_quality_index").select_dtypes("float")
    scores = [
        name for name in found if name.endswith(("score", "index", "low", "high"))
    ]
    assert len(scores) == 8
    for name in scores:
        np.testing.assert_array_equal(found[name], found[name].round(9))


def test_every_index(expected_indexes, sample_build):
    found = sample_build.query("select * from fct_quality_index")
    expected = expected_indexes.replace({"scope_type": {"all": "feed"}})
    key = ["feed", "scope_type", "scope_value"]
    both = found[found.scope_type != "shop"].merge(
        expected, "outer", key, suffixes=("", "_expected")
    )
    assert len(both) == len(expected) == len(found) - 1 > 500
    names = {"quality_index": "index", "index_low": "low", "index_high": "high"}
    for column, name in names.items():
        np.testing.assert_allclose(both[column], both[name], rtol=0, atol=TOLERANCE)
    for dimension in DIMENSIONS:
        column = f"{dimension}_score"
        np.testing.assert_allclose(
            both[column], both[f"{column}_expected"], rtol=0, atol=TOLERANCE
        )
    np.testing.assert_allclose(
        both.measured_weight, both.measured_weight_expected, rtol=0, atol=TOLERANCE
    )


def test_the_shop(sample, expected_indexes, sample_build):
    found = sample_build.query("from fct_quality_index where scope_type = 'shop'").iloc[
        0
    ]
    expected = expected_indexes
    expected = expected[expected.scope_type == "all"].set_index("feed")
    weights = sample.weights.feed_weight[expected.index]
    for column, name in (
        ("quality_index", "index"),
        ("index_low", "low"),
        ("index_high", "high"),
        ("measured_weight", "measured_weight"),
    ):
        mean = np.average(expected[name], weights=weights)
        assert found[column] == pytest.approx(mean, abs=TOLERANCE), column
    for dimension in DIMENSIONS:
        scores = expected[f"{dimension}_score"].dropna()
        share = weights[scores.index] * sample.weights.loc[scores.index, dimension]
        mean = np.average(scores, weights=share)
        assert found[f"{dimension}_score"] == pytest.approx(mean, abs=TOLERANCE)


def test_the_share_of_clean_rows_is_counted_row_by_row(sample, sample_build):
    found = sample_build.query(
        "from fct_quality_index where scope_type in ('shop', 'feed')"
    )
    found = found.set_index(found.feed.fillna("shop"))
    rows, hit = {}, {}
    for feed in KEYS:
        rows[feed] = len(sample.feeds[feed])
        truth = sample.truth[sample.truth.feed == feed]
        rows_hit = set(truth.row_number.dropna().astype(int))
        for rule, judged in sample.judged.items():
            if sample.rules.feed[rule] == feed:
                rows_hit |= set(judged.index[judged.is_suspect])
        if feed == "events":
            rows_hit |= odd_users(sample)
        hit[feed] = len(rows_hit)
        share = 1 - hit[feed] / rows[feed]
        assert found.clean_row_share[feed] == pytest.approx(share, abs=TOLERANCE)
        assert found.rows_checked[feed] == rows[feed]
    share = 1 - sum(hit.values()) / sum(rows.values())
    assert found.clean_row_share["shop"] == pytest.approx(share, abs=TOLERANCE)


@pytest.mark.parametrize(
    "mart, rank, expected",
    [
        ("fct_suspect_labels", "suspect_rank", suspects),
        ("fct_audit_sample", "audit_rank", first_round_of_audits),
    ],
)
def test_every_label_to_look_at(mart, rank, expected, sample, sample_build):
    found = sample_build.query(f"from {mart} order by rule_name, {rank}")
    wanted = pd.concat(expected(sample.judged[rule]) for rule in sorted(sample.judged))
    wanted = wanted.reset_index(drop=True).assign(
        feed=lambda rows: rows.rule_name.map(sample.rules.feed)
    )
    assert set(found.rule_name) == set(sample.judged)
    found["other_text"] = found.other_text.fillna("")
    columns = [column for column in found if column != "nearest_rows"]
    pd.testing.assert_frame_equal(
        found[columns], wanted[columns], rtol=0, atol=TOLERANCE, check_dtype=False
    )
