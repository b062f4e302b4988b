"""Damaged and hostile artifacts: always an ArtifactError, never another exception, a hang or much memory.

Who has no key can change any byte of the file; who has one can also sign what no detector ever wrote.
"""

import base64
import hashlib
import io
import struct
import tracemalloc
import zipfile

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors.artifact import ArtifactError, SigningKey, TrustedKeys, load_bytes, save_bytes
from ad_detectors.errors import DataError
from ad_detectors.model import Model

KEY = SigningKey.generate()
TRUSTED = TrustedKeys([KEY.public])
ROWS = np.random.default_rng(0).normal(size=(60, 2))
MODEL = Model.train("zscore", ROWS, created_ms=1)
GOOD = save_bytes(MODEL, KEY)
EXPECTED = MODEL.score(ROWS).score.tobytes()
DIRECTORY = GOOD.index(b"PK\x01\x02")
STORED, DEFLATED, BZIP2, LZMA = 0, 8, 12, 14


def files_of(data=GOOD):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def signed(manifest, arrays, compression=STORED):
    """What the owner of the key could write."""
    signature = {"key": KEY.public.id, "ed25519": base64.b64encode(KEY.sign(manifest)).decode()}
    files = {"manifest.json": manifest, "manifest.sig": msgspec.json.encode(signature), **arrays}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def with_array(name, data, compression=STORED):
    """The good artifact with another file as one of its arrays, its size and hash as they should be."""
    files = files_of()
    arrays = {path: content for path, content in files.items() if path.startswith("arrays/")}
    arrays[f"arrays/{name}.npy"] = data
    manifest = msgspec.json.decode(files["manifest.json"])
    manifest["arrays"][name] = {"sha256": hashlib.sha256(data).hexdigest(), "size_bytes": len(data)}
    return signed(msgspec.json.encode(manifest), arrays, compression)


def npy(header, body=b""):
    text = header.encode().ljust(64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + body


def refused_or_the_same(data) -> None:
    try:
        model = load_bytes(data, TRUSTED)
    except ArtifactError:
        return
    assert model.score(ROWS).score.tobytes() == EXPECTED


def refused(data, words=None) -> None:
    """Refused, and without more memory than a few times the file."""
    tracemalloc.start()
    try:
        with pytest.raises(ArtifactError, match=words):
            load_bytes(data, TRUSTED)
        assert tracemalloc.get_traced_memory()[1] < 8_000_000 + 4 * len(data)
    finally:
        tracemalloc.stop()


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.integers(DIRECTORY, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=4)
)
def test_any_change_of_the_directory_is_refused_or_harmless(changes) -> None:
    data = bytearray(GOOD)
    for place, value in changes:
        data[place] = value
    refused_or_the_same(bytes(data))


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(GOOD)), st.integers(0, 200), st.binary(max_size=60))
def test_any_cut_and_insertion_is_refused_or_harmless(place, cut, more) -> None:
    refused_or_the_same(GOOD[:place] + more + GOOD[place + cut :])


@pytest.mark.parametrize("cut", range(0, len(GOOD), 61))
def test_any_truncation_is_refused(cut) -> None:
    refused(GOOD[:cut])


@pytest.mark.parametrize("method", [1, 9, BZIP2, LZMA, 93, 99])
def test_another_compression_than_is_written_is_refused(method) -> None:
    """LZMA's header asks for a dictionary of up to 4 GB before a byte is unpacked."""
    data = bytearray(GOOD)
    place = GOOD.index(b"PK\x03\x04")
    data[place + 8 : place + 10] = struct.pack("<H", method)
    data[DIRECTORY + 10 : DIRECTORY + 12] = struct.pack("<H", method)
    refused(bytes(data), "compressed")


@pytest.mark.parametrize("compression", [BZIP2, LZMA])
def test_another_compression_is_refused_even_when_signed(compression) -> None:
    refused(with_array("scale", files_of()["arrays/scale.npy"], compression), "compressed")


@pytest.mark.parametrize("size", [0, 1, 2**20, 2**31, 2**32 - 1])
def test_a_declared_size_that_is_not_true_is_refused(size) -> None:
    data = bytearray(GOOD)
    data[DIRECTORY + 24 : DIRECTORY + 28] = struct.pack("<I", size)
    refused(bytes(data))
    data = bytearray(GOOD)
    data[DIRECTORY + 20 : DIRECTORY + 24] = struct.pack("<I", size)
    refused_or_the_same(bytes(data))  # the packed size only says where reading may end


def test_a_file_that_unfolds_a_thousandfold_is_refused_unless_declared_and_allowed() -> None:
    data = with_array(
        "scale", npy("{'descr': '<f8', 'fortran_order': False, 'shape': (0,)}", bytes(10**8)), DEFLATED
    )
    assert len(data) < 200_000
    tracemalloc.start()
    with pytest.raises(ArtifactError, match="unpacks to more than 1000000 bytes"):
        load_bytes(data, TRUSTED, max_bytes=10**6)
    assert tracemalloc.get_traced_memory()[1] < 8_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    "shape", ["(10**12,)", f"({10**12},)", f"({2**31}, {2**31}, 8)", f"({2**63},)", "(-1,)", "(2,)"]
)
def test_an_array_that_declares_another_size_than_it_has_is_refused(shape) -> None:
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}"
    refused(with_array("scale", npy(header, bytes(8))), "scale.npy is not an array")


@pytest.mark.parametrize(
    "kind", ["'|O'", "'|V1000000000'", "[('a', '<f8'), ('b', '|O')]", "'<f8,O'", "'nothing'", "5"]
)
def test_an_array_of_objects_or_of_no_type_is_refused(kind) -> None:
    header = f"{{'descr': {kind}, 'fortran_order': False, 'shape': (2,)}}"
    refused(with_array("scale", npy(header, bytes(16))))


@pytest.mark.parametrize(
    "shape", ["-" * 5000 + "1", "(" * 150 + ")" * 150, "[" * 5000, "1" * 9000, "{}", "None"]
)
def test_a_header_that_is_hard_to_parse_is_refused(shape) -> None:
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}"
    refused(with_array("scale", npy(header, bytes(16))), "scale.npy is not an array")


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["scale", "bounds", "examples", "calibration_scores", "calibration_tail"]),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=4),
    st.integers(0, 20),
)
def test_a_signed_array_of_any_bytes_is_refused_or_loads(name, changes, cut) -> None:
    data = bytearray(files_of()[f"arrays/{name}.npy"])
    for place, value in changes:
        data[place % min(len(data), 200)] = value
    try:
        load_bytes(with_array(name, bytes(data[: len(data) - cut])), TRUSTED)
    except ArtifactError:
        return


def test_a_signature_of_anything_is_refused() -> None:
    files = files_of()
    for signature in (
        b"[" * 100_000,
        b'{"key":' * 50_000,
        b'{"key":"a","ed25519":' + b"[" * 100_000,
        b"",
        b"\xff",
    ):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, data in (files | {"manifest.sig": signature}).items():
                archive.writestr(name, data)
        refused(buffer.getvalue(), "signature")


@pytest.mark.parametrize(
    "manifest", [b"[" * 100_000, b'{"format":' * 50_000, b"", b"null", b"\xff", b"1e999", b"{}"]
)
def test_a_signed_manifest_of_anything_is_refused(manifest) -> None:
    refused(signed(manifest, {}), "manifest")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(msgspec.json.decode(files_of()["manifest.json"]))), JSON)
def test_a_signed_manifest_with_any_value_in_a_field_is_refused_or_loads(field, value) -> None:
    files = files_of()
    manifest = msgspec.json.decode(files["manifest.json"]) | {field: value}
    arrays = {path: data for path, data in files.items() if path.startswith("arrays/")}
    try:
        load_bytes(signed(msgspec.json.encode(manifest), arrays), TRUSTED)
    except ArtifactError:
        return


@pytest.mark.parametrize(
    "name", ["isolation_forest", "iqr", "pca", "mcd", "gmm", "autoencoder", "subsequence_pca"]
)
def test_arrays_that_would_give_scores_that_are_no_numbers_are_refused(name: str) -> None:
    detector = Model.train(name, np.random.default_rng(0).normal(size=(60, 2))).detector
    arrays = detector.to_arrays()
    for each, array in arrays.items():
        if array.dtype.kind == "f" and not np.isinf(array).any():
            broken = {**arrays, each: np.full_like(array, np.nan)}
            with pytest.raises(DataError):
                type(detector).from_arrays({}, ["f0", "f1"], broken)
    with pytest.raises(DataError, match="examples"):
        type(detector).from_arrays({}, ["f0", "f1"], {**arrays, "examples": np.zeros((0, 2))})
