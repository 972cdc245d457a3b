"""Canonical forms: what is proposed, what is not, and what holds of any text."""

import csv
import json
from datetime import datetime

import jinja2
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from python_ml.canonical.forms import canonical_forms
from python_ml.canonical.rule import FormatRule
from python_ml.canonical.terms import edit_distance
from python_ml.dbt_models.repairs import canonical_values
from tests.build import ROOT

AUTOMATIC = 0.95  # The confidence from which a repair is applied.


def macro(file, name, helpers=(), **others):
    """What a macro returns that needs no database."""
    returned = []
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    package = dict(others)
    environment.globals |= {"return": returned.append, "assay": package}
    text = (ROOT / "macros" / file).read_text(encoding="utf-8")
    for helper in helpers:
        getattr(environment.from_string(text).module, helper)()
        # As dbt's return, what it calls returns a value, and not what it renders.
        package[helper] = lambda value=returned[-1]: value
    getattr(environment.from_string(text).module, name)()
    return returned[-1]


def vocabulary(name):
    with (ROOT / "seeds" / "vocabularies.csv").open(encoding="utf-8") as lines:
        rows = csv.DictReader(lines)
        return [row["term"] for row in rows if row["vocabulary"] == name]


WHITE_SPACE = macro("sql/is_missing.sql", "white_space")
UNCLEAN = macro(
    "sql/form_sql.sql",
    "unclean_pattern",
    helpers=("tag_pattern", "entities_of_html"),
    white_space=lambda: WHITE_SPACE,
)
EMAILS = [f"anna{i}@{d}" for i in range(9) for d in ("example.com", "gmail.com")]
RULES = {
    "clean_text": {"form": "clean_text", "unclean_pattern": UNCLEAN},
    "email": {"pattern": r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$", "examples": EMAILS},
    "phone": {"pattern": r"^\+[1-9][0-9]{7,14}$"},
    "locale": {"pattern": "^[a-z]{2}(-[A-Z]{2})?$"},
    "event_type": {"allowed": ["view", "click", "add_to_cart", "purchase", "favorite"]},
    "gender": {"allowed": ["female", "male", "other"]},
    "price": {"minimum": 0.01, "maximum": 1e6, "type": "double"},
    "year": {"minimum": 1900, "maximum": 2026, "type": "bigint"},
    "number": {"form": "number"},
    "integer": {"form": "integer"},
    "boolean": {"form": "boolean", "type": "boolean"},
    "timestamp": {"form": "timestamp", "type": "timestamp"},
    "date": {"form": "date"},
    "currency": {"form": "currency", "vocabulary": vocabulary("currency")},
    "measurement": {"form": "measurement", "vocabulary": vocabulary("measurement")},
    "json": {"form": "json"},
}


def forms_of(values, *, examples=None, **rule):
    """What the values are meant to be by a rule of these arguments."""
    return canonical_forms(values, FormatRule(**rule), examples)


def one(rule, value, **more):
    """The proposal for one value, and how sure it is."""
    found = forms_of([value], **RULES[rule] | more)
    return found.proposed[0], found.confidence[0]


@pytest.mark.parametrize(
    ("rule", "value", "canonical"),
    [
        ("clean_text", "CafÃ© crÃ¨me", "Café crème"),
        ("clean_text", "Men â€™s", "Men ’s"),
        ("clean_text", "ä¸\xadæ–‡", "中文"),
        ("clean_text", "<b>Red</b> shoe<br/>new", "Red shoe new"),
        ("clean_text", "&nbsp;Salt &amp;amp; pepper", "Salt & pepper"),
        ("clean_text", "\u3000Red  shoe \u200b", "Red shoe"),
        ("clean_text", "Re\x07d “10³”™ （½）", "Red “10³”™ （½）"),
        ("email", "bob at example.com", "bob@example.com"),
        ("email", "bobgmail.com", "bob@gmail.com"),
        ("email", "bob@@web.de", "bob@web.de"),
        ("email", "bob@example", "bob@example.com"),
        ("email", "<BOB@Web.DE> ", "bob@web.de"),
        ("phone", "0049 (0)151-234 567", "+49151234567"),
        ("phone", "+0049151234567", "+49151234567"),
        ("phone", "tel:+49.151.234567", "+49151234567"),
        ("locale", "EN_us", "en-US"),
        ("event_type", "veiw", "view"),
        ("event_type", "Add to cart", "add_to_cart"),
        ("event_type", "addToCart", "add_to_cart"),
        ("event_type", "ＣＬＩＣＫ!", "click"),
        ("price", "1.234,50 €", "1234.50"),
        ("price", "1,234.50", "1234.50"),
        ("price", "EUR 1 234,50", "1234.50"),
        ("price", "12,5O", "12.50"),
        ("price", "Rs. 1,23,456.00", "123456.00"),
        ("year", "2O11", "2011"),
        ("number", "−5,5", "-5.5"),
        ("integer", "１,000,000", "1000000"),
        ("boolean", "ja", "true"),
        ("boolean", "ture", "true"),
        ("timestamp", "30.06.2026 14:30", "2026-06-30 14:30:00"),
        ("timestamp", "06/30/2026 2:05 PM", "2026-06-30 14:05:00"),
        ("timestamp", "Tue, 30 Jun 2026 10:00:00 +0200", "2026-06-30 08:00:00"),
        ("timestamp", "20260630T101112Z", "2026-06-30 10:11:12"),
        ("timestamp", "1782777600123", "2026-06-30 00:00:00.123"),
        ("timestamp", "30 juin 2026", "2026-06-30 00:00:00"),
        ("date", "2026年6月30日", "2026-06-30"),
        ("currency", " usd", "USD"),
        ("currency", "Euro", "EUR"),
        ("currency", "RMB", "CNY"),
        ("measurement", "1,5KG", "1.5 kg"),
        ("measurement", "12.0 ounce", "12.0 oz"),
        ("timestamp", "Mar 19, 2001", "2001-03-19 00:00:00"),
        ("measurement", '5.5"', "5.5 in"),
        ("json", '{"colour": "black"', '{"colour": "black"}'),
        ("json", "{'size': 'L', 'new': True,}", '{"size": "L", "new": true}'),
        ("json", "{colour: red}", '{"colour": "red"}'),
    ],
)
def test_the_same_value_is_written_as_it_should_be(rule, value, canonical):
    proposed, confidence = one(rule, value)
    assert proposed == canonical
    assert AUTOMATIC <= confidence < 1


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("clean_text", "Foo \ufffd"),
        ("clean_text", "\x1b\x1b"),
        ("clean_text", "Foo ï¿½"),
        ("email", "call me"),
        ("email", "a@b@c.de"),
        ("phone", "12345"),
        ("phone", "ask Anna"),
        ("locale", "english"),
        ("event_type", "buy"),
        ("event_type", "[[[v]]]"),
        ("gender", "woman"),
        ("gender", "X1"),
        ("price", "call us"),
        ("price", "about ten"),
        ("price", "1.2.3"),
        ("price", "top 5"),
        ("price", "5-10"),
        ("price", "-19.90"),
        ("year", "3"),
        ("boolean", "maybe"),
        ("timestamp", "yesterday 10:00:00"),
        ("timestamp", "2026-06-45 10:00:00"),
        ("timestamp", "2026-02-30"),
        ("timestamp", "June"),
        ("timestamp", "10:30"),
        ("currency", "XXX"),
        ("measurement", "10 K"),
        ("measurement", "2 x 3 cm"),
        ("json", "see below"),
        ("json", '{"a": }'),
        ("json", "{"),
    ],
)
def test_nothing_is_made_up(rule, value):
    found = forms_of([value], **RULES[rule])
    assert found.proposed == [None]
    assert found.confidence[0] == 0
    assert found.reason[0]


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("email", "bob smith@web.de"),
        ("phone", "49151234567"),
        ("event_type", "click_2"),
        ("gender", "f"),
        ("number", "1,234"),
        ("number", "5 kg"),
        ("number", "62l"),
        ("number", "15%"),
        ("timestamp", "03/04/2026"),
        ("timestamp", "2026-13-05 10:00:00"),
        ("currency", "¥"),
        ("currency", "kr"),
        ("measurement", "5 Mb"),
        ("measurement", "85123A"),
        ("number", "729Q47"),
        ("json", '{"a": "bla'),
        ("json", '{"a": 12'),
        ("json", "Note: see it"),
    ],
)
def test_what_could_be_two_things_is_not_repaired_by_itself(rule, value):
    proposed, confidence = one(rule, value)
    assert proposed is not None
    assert confidence < AUTOMATIC


def test_the_other_values_decide_between_day_and_month():
    american = [f"06/{day}/2026" for day in range(13, 20)]
    for values, meant in (
        ([*american, "03/04/2026"], "2026-03-04 00:00:00"),
        ([f"{day}/06/2026" for day in range(13, 20)] + ["03/04/2026"], "2026-04-03"),
    ):
        found = forms_of(values, **RULES["timestamp"])
        assert found.proposed[-1].startswith(meant)
        assert found.confidence[-1] > AUTOMATIC
    mixed = forms_of(
        [*american, "20/06/2026", "21/06/2026", "03/04/2026"], **RULES["timestamp"]
    )
    assert mixed.confidence[-1] < AUTOMATIC


def test_right_values_decide_between_the_readings_of_a_number():
    small = [str(number / 10) for number in range(8, 30)]
    large = [str(number * 100) for number in range(8, 30)]
    assert one("number", "1,234", examples=small)[0] == "1.234"
    assert one("number", "1,234", examples=large)[0] == "1234"
    assert one("number", "1,234", examples=large)[1] > AUTOMATIC
    assert (
        one("number", "15%", examples=["0.12", "0.2", "0.1", "0.3", "0.15"])[0]
        == "0.15"
    )


def test_the_column_says_whether_a_unit_can_be_left_out():
    ounces = ["12.0 oz.", "16.0 OZ.", "12.0 ounce", "24 oz", "19.2 oz", "32 oz"]
    found = forms_of([*ounces, "12.0 oz. Silo Can"], **RULES["number"])
    numbers = [float(number) for number in found.proposed]
    assert numbers == [12, 16, 12, 24, 19.2, 32, 12]
    assert found.confidence.min() > AUTOMATIC
    # Here nothing else speaks of inches, and there the bare numbers may be anything.
    assert one("number", "5 in stock")[1] == 0
    assert one("number", "12.0 oz", examples=["1", "2"])[1] < AUTOMATIC


def test_what_a_program_has_computed_is_written_as_it_was_meant():
    shares = ["0.05", "0.06", "0.07", "0.08", "0.09"]
    for found in ("0.052000000000000005%", "0.05199999999999999%"):
        assert one("number", found, examples=shares)[0] == "0.052"
    exact = "0.1234567890123456%"
    assert one("number", exact, examples=shares)[0] != "0.123456789012346"


def test_right_values_decide_between_currencies_units_and_words():
    yen = one("currency", "¥", examples=["JPY"] * 50 + ["EUR"])
    assert yen[0] == "JPY" and yen[1] > AUTOMATIC
    assert one("measurement", "3 Inch.", examples=["2 inches"] * 3)[0] == "3 inches"
    current = one("measurement", "12500A", examples=["200A", "32 A", "1000A"])
    assert current[0] == "12500 A" and current[1] > AUTOMATIC
    assert one("clean_text", "Fra\x0bme", examples=["A Frame"])[0] == "Frame"
    assert (
        one("clean_text", "two\x0blines", examples=["two", "lines"])[0] == "two lines"
    )
    assert one("clean_text", "Caf\ufffd", examples=["Café"])[0] == "Café"
    assert one("clean_text", "Caf\ufffd", examples=["Café", "Cafû"])[0] is None
    known = one("json", "colour=black", examples=['{"colour": "red"}'])
    assert known == ('{"colour": "black"}', 0.97)


def test_long_terms_may_have_more_errors_and_codes_fewer():
    names = ["acute care hospitals", "critical access hospitals and their clinics"]
    found = forms_of(
        ["xcute care hospitals", "critixal access hospixals and thexr clinics"],
        allowed=names,
    )
    assert found.proposed == names
    assert (found.confidence > AUTOMATIC).all()
    codes = forms_of(["35960", "35961"], allowed=["35950", "36960", "35971"])
    assert codes.proposed[0] is None
    assert codes.confidence[1] < AUTOMATIC


def test_the_range_decides_where_it_can():
    assert one("year", "1.950") == ("1950", 0.95)


def test_a_value_that_passes_stays_as_it_is():
    found = forms_of(["view", "Click"], **RULES["event_type"])
    assert found.proposed == ["view", "click"]
    assert found.confidence[0] == 1 > found.confidence[1]


def test_conditions_are_taken_together():
    whole = {"form": "integer", "pattern": "^[0-9]{4}$", "minimum": 1900}
    assert forms_of(["1 850", "1 950"], **whole).proposed == [None, "1950"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "no rule"),
        ({"form": "shape"}, "none of number"),
        ({"form": "clean_text"}, "unclean_pattern"),
        ({"form": "currency"}, "vocabulary"),
    ],
)
def test_arguments_that_are_no_rule_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        forms_of(["a"], **arguments)


def test_an_exchange_of_neighbours_is_one_edit():
    assert edit_distance("veiw", "view") == 1
    assert edit_distance("ca", "abc") == 3
    assert edit_distance("", "abc") == 3


ANY_TEXT = st.one_of(
    st.text(max_size=30),
    st.text("0123456789.,-/: €%$()'TZ", max_size=20),
    st.text("{}[]:,=\"' abc\\1", max_size=20),
    st.text("<b>/&amp;;#x \x0b\x00Ã©â€™\ufffd", max_size=20),
    st.text("anext.com@ ", max_size=20),
)


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=15, deadline=None)
@given(values=st.lists(ANY_TEXT, max_size=8, unique=True))
def test_of_any_text_the_canonical_form_passes_and_is_canonical(rule, values):
    found = forms_of(values, **RULES[rule])
    assert len(found.proposed) == len(found.confidence) == len(found.reason)
    assert ((found.confidence >= 0) & (found.confidence <= 1)).all()
    proposed = [text for text in found.proposed if text is not None]
    arguments = {k: v for k, v in RULES[rule].items() if k != "examples"}
    assert FormatRule(**arguments).passes(proposed).all()
    again = forms_of(proposed, **RULES[rule])
    assert again.proposed == proposed
    assert (again.confidence == 1).all()


def clean(alphabet, least=1):
    """Clean texts of words."""
    words = st.lists(
        st.text(alphabet, min_size=least, max_size=9), min_size=1, max_size=5
    )
    return words.map(" ".join)


@settings(max_examples=40, deadline=None)
@given(
    text=clean("abcXYZäöéèß中文字123"),
    damage=st.sampled_from(
        [
            lambda text: f" {text}\u3000",
            lambda text: text.replace(" ", "  ") + " ",
            lambda text: f"\x07{text}\x1f",
            lambda text: f"<p>{text}</p>",
            lambda text: f"<b>{text}</b>&nbsp;",
            lambda text: "".join(f"&#{ord(letter)};" for letter in text),
            lambda text: f"\ufeff{text}",
        ]
    ),
)
def test_damage_that_keeps_a_text_is_undone(text, damage):
    proposed, confidence = one("clean_text", damage(text))
    assert proposed == text
    assert confidence > AUTOMATIC


@settings(max_examples=40, deadline=None)
@given(text=clean("aeiounst", least=3).map(lambda text: f"{text} Größe für Café"))
def test_mojibake_is_undone(text):
    assert one("clean_text", text.encode().decode("latin-1"))[0] == text


@settings(max_examples=40, deadline=None)
@given(
    cents=st.integers(1, 99_999_999),
    point=st.sampled_from([".", ","]),
    parts=st.sampled_from(["", " ", "'", "\u202f", "other"]),
    sign=st.sampled_from(["{} €", "€{}", "EUR {}", "{}kr", "US$ {}", "{}"]),
)
def test_an_amount_is_read_however_it_is_written(cents, point, parts, sign):
    if parts == "other":
        parts = {".": ",", ",": "."}[point]
    whole = f"{cents // 100:,}".replace(",", parts)
    proposed, confidence = one("price", sign.format(f"{whole}{point}{cents % 100:02d}"))
    assert round(float(proposed) * 100) == cents
    assert confidence > AUTOMATIC or proposed == sign.format(proposed)


@settings(max_examples=40, deadline=None)
@given(
    time=st.datetimes(datetime(1990, 1, 1), datetime(2089, 12, 31)),
    written=st.sampled_from(
        ["%Y%m%d%H%M%S", "%d.%m.%Y %H:%M:%S", "%d %b %Y, %H:%M:%S"]
        + ["%B %d, %Y %I:%M:%S %p", "%a, %d %b %Y %H:%M:%S +0000", "%Y%m%dT%H%M%SZ"]
    ),
)
def test_a_time_is_read_however_it_is_written(time, written):
    proposed, confidence = one("timestamp", time.strftime(written))
    assert proposed[:19] == f"{time:%Y-%m-%d %H:%M:%S}"
    assert confidence > AUTOMATIC


JSON = st.dictionaries(
    st.text("abcdef ", min_size=1, max_size=5),
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(-99, 99), st.text(max_size=6)),
        lambda inner: st.lists(inner, max_size=3),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=40, deadline=None)
@given(value=JSON)
def test_what_python_prints_is_read_as_json(value):
    proposed, confidence = one("json", repr(value))
    assert json.loads(proposed) == value
    assert confidence > AUTOMATIC


def test_a_misspelled_truth_value_is_the_nearest_one():
    found = forms_of(["flase", "faalse", "seen"], form="boolean")
    assert found.proposed == ["false", "false", None]
    assert (found.confidence[:2] >= 0.95).all()


@pytest.mark.parametrize("text", ["#4", "no. 4", "No 4", "nr. 4", "№4", "n° 4"])
def test_the_sign_of_a_rank_is_no_part_of_its_number(text):
    found = forms_of([text], minimum=1, type="bigint")
    assert found.proposed == ["4"] and found.confidence[0] >= 0.95


def test_a_rating_may_name_the_highest_one():
    texts = ["4/5", "3,5 out of 5", "★★★★☆", "4/10", "★" * 7]
    found = forms_of(texts, minimum=1, maximum=5, type="double")
    assert found.proposed == ["4", "3.5", "4", None, None]


def test_the_ends_of_a_range_may_be_excluded():
    form = json.dumps({"type": "double", "above": 0, "max": 90, "below": 20})
    values = ["0 EUR", "12 EUR", "20 EUR", "19,90"]
    table = pa.table(
        {
            "rule_name": ["price_in_range"] * 5,
            "form": [form] * 5,
            "format_value": [*values, "12,99"],
            "is_example": [False] * 4 + [True],
        }
    )
    vocabularies = pa.table({"vocabulary": ["currency"], "term": ["EUR"]})
    found = canonical_values(table, vocabularies).to_pydict()
    proposed = dict(
        zip(found["format_value"], map(float, found["canonical_value"]), strict=True)
    )
    assert proposed == {"12 EUR": 12, "19,90": 19.9}
