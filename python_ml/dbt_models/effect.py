"""What the dbt models of what repairs are worth call: Arrow tables in and out."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from python_ml.common.installed import not_installed
from python_ml.effect.models.content import TextVectors
from python_ml.effect.recommenders import evaluate_recommenders
from python_ml.effect.search import evaluate_search
from python_ml.effect.search_index import SearchVersion
from python_ml.effect.settings import (
    CHEAP_MODELS,
    CHEAP_SYSTEMS,
    MODELS,
    SYSTEMS,
    RecommenderSettings,
    SearchSettings,
)
from python_ml.effect.targets import typed, with_targets

_VERSIONS = ("found", "repaired")
_OFF = "not measured: turned off (var effect)"
_NO_VECTORS = "not measured: no embeddings of products and queries"
_NEW_TEXTS = 2000
"""Of more texts without an embedding `effect: full` alone makes some."""


def recommender_effect(
    events_of: Callable[[str], pa.Table],
    crosswalk: pa.Table,
    vectors: Callable[[], tuple[pa.Table, pa.Table]] | None = None,
    *,
    effort: str = "auto",
    device: str = "auto",
) -> pa.Table:
    """Measure what recommenders make of what was found and what is repaired.

    Purchases are predicted where at least 200 users make some after the cut; else
    anything that users do with products.

    Args:
        events_of: Of "found" or "repaired": user_id, product_id, event_type,
            occurred_at, cut_at.
        crosswalk: product_id, integrated_product_id.
        vectors: Of the titles of products, for "content": product_id and text_hash, and
            text_hash and embedding of the texts that have one.
        effort: "auto" (what is cheap), "full" (all models) or "off".
        device: As for `RecommenderSettings`.

    Returns:
        As `RecommenderEffect.table`.
    """
    settings = RecommenderSettings(
        models=MODELS if effort == "full" else CHEAP_MODELS, device=device
    )
    crosswalk = _named(crosswalk)
    if _is_off(effort):
        return _noted(_no_events(crosswalk, settings), _OFF)
    tables = {version: events_of(version) for version in _VERSIONS}
    repaired, cut, what = with_targets(tables["repaired"], settings.minimum_users)
    if cut is None:
        return _no_events(crosswalk, settings)
    texts = None
    if effort == "full" and vectors is not None:
        texts = _vectors(*vectors(), "product_id")
    effect = evaluate_recommenders(
        {"found": typed(tables["found"]), "repaired": repaired},
        crosswalk=crosswalk,
        texts=texts,
        settings=RecommenderSettings(models=settings.models, cut=cut, device=device),
    )
    return _said_first(effect.table, what)


def search_effect(
    products: pa.Table,
    queries: pa.Table,
    labels: pa.Table,
    crosswalk: pa.Table,
    encoders: pa.Table,
    known_of: Callable[[str], pa.Table],
    *,
    effort: str = "auto",
) -> pa.Table:
    """Measure what search makes of what was found and what is repaired.

    Args:
        products: version, product_id, title, description, category, brand, text_hash
            (of the title).
        queries: version, query_id, query_text, locale, issued_at, text_hash.
        labels: query_id, product_id, gain.
        crosswalk: product_id, integrated_product_id.
        encoders: The model `int_label_encoders`.
        known_of: Of an encoder, the embeddings that are there already: text_hash,
            embedding.
        effort: "auto" (what is cheap), "full" (with the re-ranker, and embeddings of
            however many texts) or "off".

    Returns:
        As `SearchEffect.table`.
    """
    settings = SearchSettings(systems=SYSTEMS if effort == "full" else CHEAP_SYSTEMS)
    if _is_off(effort):
        labels = labels.slice(0, 0)
    answered = labels.filter(pc.greater_equal(labels["gain"], settings.relevant_from))
    vectors: pa.Table | None = None
    why = _NO_VECTORS
    if len(answered["query_id"].unique()) >= settings.minimum_queries:
        vectors, why = _embedded(encoders, _texts(products, queries), known_of, effort)
    versions = {}
    for version in _VERSIONS:
        of_products, of_queries = (
            table.filter(pc.equal(table["version"], version))
            for table in (products, queries)
        )
        versions[version] = SearchVersion(
            of_products,
            of_queries,
            None if vectors is None else _vectors(of_products, vectors, "product_id"),
            None if vectors is None else _vectors(of_queries, vectors, "query_id"),
        )
    table = evaluate_search(
        versions, labels, crosswalk=_named(crosswalk), settings=settings
    ).table
    if _is_off(effort):
        return _noted(table, _OFF)
    notes = [why if note == _NO_VECTORS else note for note in table["note"].to_pylist()]
    return _noted(table, notes)


def _is_off(effort: str) -> bool:
    # YAML reads a bare `off` as false.
    return str(effort).lower() in ("off", "false")


def _embedded(
    encoders: pa.Table,
    texts: pa.Table,
    known_of: Callable[[str], pa.Table],
    effort: str,
) -> tuple[pa.Table | None, str]:
    """Return the embeddings of all texts, or None and why there are none."""
    rules = [row for row in encoders.to_pylist() if row["encoder"] is not None]
    if not rules or not_installed():
        return None, _NO_VECTORS
    # The encoder that most learned rules read with; of equals that of the first.
    names = [rule["encoder"] for rule in rules]
    chosen = rules[names.index(max(names, key=names.count))]
    known = known_of(chosen["encoder"])
    is_new = pc.invert(pc.is_in(texts["text_hash"], value_set=known["text_hash"]))
    new = texts.filter(is_new)
    if len(new) > _NEW_TEXTS and effort != "full":
        return None, (
            f"not measured: {len(new):,} texts have no embedding yet; with the var"
            " effect: full they are made"
        )
    if not len(new):
        return known, ""
    from python_ml.dbt_models.encoders import embed_texts

    for name in ("encoder", "loader", "precision", "device"):
        new = new.append_column(name, pa.array([chosen[name]] * len(new), pa.string()))
    made = embed_texts(pa.Table.from_batches(new.to_batches(2048)).to_reader())
    made_table = made.read_all().select(known.column_names)
    return pa.concat_tables([known, made_table.cast(known.schema)]), ""


def _texts(products: pa.Table, queries: pa.Table) -> pa.Table:
    """Return all titles and queries, each once: text_hash, labeled_text."""
    names = ["text_hash", "labeled_text"]
    both = [
        table.select(["text_hash", text])
        .rename_columns(names)
        .cast(pa.schema([(name, pa.string()) for name in names]))
        for table, text in ((products, "title"), (queries, "query_text"))
    ]
    found = pa.concat_tables(both).drop_null().group_by("text_hash")
    # In the order of their hashes: the last digits of an embedding depend on the texts
    # that are embedded with it.
    once = found.aggregate([("labeled_text", "min")]).rename_columns(names)
    return once.sort_by("text_hash")


def _vectors(rows: pa.Table, embeddings: pa.Table, key: str) -> TextVectors:
    """Return the vectors of what has texts, through the hashes of these."""
    place = pc.index_in(rows["text_hash"], value_set=embeddings["text_hash"])
    has = pc.is_valid(place)
    ids = rows.filter(has)[key].cast(pa.string()).combine_chunks()
    lists = embeddings["embedding"].combine_chunks()
    matrix = lists.flatten().to_numpy().reshape(len(lists), -1)
    return TextVectors(ids, matrix[place.filter(has).to_numpy()])


def _named(crosswalk: pa.Table) -> pa.Table:
    columns = [crosswalk["product_id"], crosswalk["integrated_product_id"]]
    typed = [column.cast(pa.string()) for column in columns]
    return pa.table(typed, names=["product_id", "item_id"])


def _no_events(crosswalk: pa.Table, settings: RecommenderSettings) -> pa.Table:
    nothing = pa.schema(
        [("user_id", pa.string()), ("product_id", pa.string())]
        + [("occurred_at", pa.timestamp("us"))]
    ).empty_table()
    return evaluate_recommenders(
        {"found": nothing, "repaired": nothing}, crosswalk=crosswalk, settings=settings
    ).table


def _noted(table: pa.Table, notes: str | list[str]) -> pa.Table:
    if isinstance(notes, str):
        notes = [notes] * len(table)
    place = table.column_names.index("note")
    return table.set_column(place, "note", pa.array(notes, pa.string()))


def _said_first(table: pa.Table, what: str) -> pa.Table:
    """Say in the notes what was predicted."""
    notes = table["note"].to_pylist()
    said = [
        note if note.startswith("not measured") else f"{what}: {note}" for note in notes
    ]
    return _noted(table, said)
