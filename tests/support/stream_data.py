"""Records as streams meet them: good ones, odd ones, and broken ones."""

from hypothesis import strategies as st

from ad_data.schema import Field, StreamSchema

NOW_MS = 1_700_000_000_000
SCHEMA = StreamSchema(
    fields=(
        Field("host", "string"),
        Field("ts", "timestamp"),
        Field("cpu"),
        Field("jobs", "integer", required=False),
        Field("up", "boolean", required=False),
        Field("note", "string", required=False),
    ),
    entity="host",
    timestamp="ts",
    max_age_seconds=3600.0,
    max_future_seconds=60.0,
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**70), 2**70)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)
ODD = st.one_of(
    st.none(), st.booleans(), NUMBERS, TEXT, st.floats(), st.lists(st.integers(), max_size=2),
    st.dictionaries(TEXT, st.integers(), max_size=2),
)  # fmt: skip
TIMES = st.sampled_from(
    [
        NOW_MS,
        NOW_MS // 1000,
        NOW_MS / 1000 - 0.25,
        "2023-11-14T22:13:20Z",
        "2023-11-14T23:13:20.5+01:00",
        "2023-11-14 22:00:00",
        "2001-01-01",
        "2030-01-01T00:00:00Z",
        "2023-11-14T22:13:20+99:00",
        "soon",
        "",
    ]
)
GOOD = st.fixed_dictionaries(
    {
        "host": st.sampled_from(["a", "b", "c"]),
        "ts": st.sampled_from([NOW_MS, NOW_MS - 1000, "2023-11-14T22:13:20Z"]),
        "cpu": st.floats(allow_nan=False, allow_infinity=False) | st.integers(-1000, 1000),
    },
    optional={"jobs": st.integers(-(2**63), 2**63 - 1), "up": st.booleans(), "note": TEXT},
)
STRANGE = st.dictionaries(
    st.sampled_from(["host", "ts", "cpu", "jobs", "up", "note", "color"]), ODD | TIMES, max_size=7
)
