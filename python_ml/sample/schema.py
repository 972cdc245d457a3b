"""The columns and keys of the seven feeds and of the truth, and the simulated time.

All times are UTC, and seconds since 1970 until they are written.
"""

import numpy as np
import pyarrow as pa

AS_OF = "2026-07-01T00:00:00"
NOW = int(np.datetime64(AS_OF, "s").astype(int))
HOUR, DAY = 3_600, 86_400
DAYS = 180  # the events end at AS_OF and begin this many days before

FEEDS = {
    "products": (
        "product_id,source_system,title,description,category,brand,price,currency,"
        "attributes,created_at,updated_at"
    ).split(","),
    "users": (
        "user_id,email,phone,gender,birth_year,city,registered_at,updated_at"
    ).split(","),
    "events": (
        "event_id,user_id,product_id,session_id,query_id,event_type,quantity,price,"
        "occurred_at,ingested_at,source_system"
    ).split(","),
    "queries": "query_id,query_text,locale,issued_at".split(","),
    "relevance_labels": "query_id,product_id,label,annotator,labeled_at".split(","),
    "reviews": (
        "review_id,product_id,user_id,rating,review_text,label,reviewed_at"
    ).split(","),
    "recommendations": (
        "impression_id,user_id,product_id,position,shown_at,clicked"
    ).split(","),
}
KEYS = {
    "products": ("product_id", "source_system"),
    "users": ("user_id",),
    "events": ("event_id",),
    "queries": ("query_id",),
    "relevance_labels": ("query_id", "product_id", "annotator"),
    "reviews": ("review_id",),
    "recommendations": ("impression_id",),
}
# The column that says how old a feed is, and the days within which it is renewed.
CYCLES = {
    "products": ("updated_at", 7),
    "users": ("updated_at", 7),
    "events": ("occurred_at", 1),
    "queries": ("issued_at", 1),
    "relevance_labels": ("labeled_at", 30),
    "reviews": ("reviewed_at", 7),
    "recommendations": ("shown_at", 1),
}
TEXT = pa.string()
TRUTH = pa.schema(
    {
        "feed": TEXT,
        "row_number": pa.int64(),  # 0-based; null for a defect of no row
        "record_key": TEXT,
        "column_name": TEXT,
        "defect": TEXT,
        "found_value": TEXT,
        "true_value": TEXT,  # null where there is none, or nobody can know it
        "repair": TEXT,  # value, remove, empty; null where nothing helps
        "is_deterministic": pa.bool_(),
    }
)
