"""Saving and loading models, and everything that must be refused."""

import base64
import hashlib
import io
import pickle
import zipfile
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors import catalog
from ad_detectors.artifact import ArtifactError, PublicKey, SigningKey, TrustedKeys, load_bytes, save_bytes
from ad_detectors.artifact.files import read_manifest
from ad_detectors.model import Model

KEY = SigningKey.generate()
TRUSTED = TrustedKeys([KEY.public])
ROWS = np.random.default_rng(0).normal(size=(80, 2))
MODEL = Model.train("isolation_forest", ROWS, ["a", "b"], parameters={"trees": 4}, created_ms=1)
GOOD = save_bytes(MODEL, KEY)
GOLDEN = Path(__file__).parents[3] / "golden"


def unpacked(data=GOOD):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def packed(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def resigned(files, key=KEY, **changes):
    """Files whose manifest is changed and signed again, as the owner of the key could do."""
    manifest = {**msgspec.json.decode(files["manifest.json"]), **changes}
    data = msgspec.json.encode(manifest)
    signature = {"key": key.public.id, "ed25519": base64.b64encode(key.sign(data)).decode()}
    return packed({**files, "manifest.json": data, "manifest.sig": msgspec.json.encode(signature)})


def refused(data, words, trusted=TRUSTED) -> None:
    with pytest.raises(ArtifactError, match=words):
        load_bytes(data, trusted)


def test_a_model_comes_back_with_everything() -> None:
    model = load_bytes(GOOD, TRUSTED)
    assert model.feature_names == ("a", "b")
    assert model.training == MODEL.training
    assert model.detector.parameters == MODEL.detector.parameters
    assert model.score(ROWS).score.tobytes() == MODEL.score(ROWS).score.tobytes()


def test_the_same_model_and_key_give_the_same_bytes() -> None:
    assert save_bytes(MODEL, KEY) == GOOD


def test_the_manifest_can_be_read_alone_and_names_libraries_and_data() -> None:
    manifest = read_manifest(GOOD, TRUSTED)
    assert manifest.algorithm == "isolation_forest"
    assert set(manifest.libraries) == {"ad-detectors", "numba", "numpy", "scikit-learn"}
    assert manifest.data_sha256 == MODEL.training.data_sha256


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_refused_without_being_read(protocol) -> None:
    class Trap:
        def __reduce__(self):
            return pytest.fail, ("the pickle was loaded",)

    refused(pickle.dumps(Trap(), protocol), "pickle")


def test_an_array_that_is_a_pickle_is_refused_even_when_signed() -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    files = {**unpacked(), "arrays/bounds.npy": buffer.getvalue()}
    arrays = msgspec.json.decode(files["manifest.json"])["arrays"]
    digest = hashlib.sha256(buffer.getvalue()).hexdigest()
    arrays["bounds"] = {"sha256": digest, "size_bytes": len(buffer.getvalue())}
    refused(resigned(files, arrays=arrays), "bounds.npy is not an array")


def test_an_unsigned_artifact_is_refused() -> None:
    files = unpacked()
    del files["manifest.sig"]
    refused(packed(files), "not signed")


def test_a_signature_that_is_no_signature_is_refused() -> None:
    refused(packed({**unpacked(), "manifest.sig": b"{}"}), "signature")
    garbled = msgspec.json.encode({"key": KEY.public.id, "ed25519": "?"})
    refused(packed({**unpacked(), "manifest.sig": garbled}), "signature")


def test_an_artifact_of_a_stranger_is_refused_by_name_of_the_key() -> None:
    stranger = SigningKey.generate()
    refused(save_bytes(MODEL, stranger), stranger.public.id)
    refused(GOOD, "trusted: none", TrustedKeys())


def test_a_changed_manifest_is_refused() -> None:
    files = unpacked()
    files["manifest.json"] = files["manifest.json"].replace(b'"rows":80', b'"rows":81')
    refused(packed(files), "changed after signing")


def test_a_changed_array_is_refused() -> None:
    files = unpacked()
    data = bytearray(files["arrays/bounds.npy"])
    data[-1] ^= 1
    refused(packed({**files, "arrays/bounds.npy": bytes(data)}), r"bounds.npy was changed")
    refused(packed({**files, "arrays/bounds.npy": bytes(data) + b"0"}), "bytes, its manifest says")


@pytest.mark.parametrize(
    "end", [0, 1, 3, 50, -len(GOOD) // 2, -30, -1], ids=lambda end: f"to {end}" if end >= -30 else "half"
)
def test_a_truncated_artifact_is_refused(end) -> None:
    refused(GOOD[:end], "not a zip|damaged")


@pytest.mark.parametrize(
    "name", ["../evil.npy", "/etc/passwd", "arrays/../../x.npy", "arrays/A.npy", "run.py", "arrays/x.npy/"]
)
def test_files_that_do_not_belong_there_are_refused(name) -> None:
    refused(packed({**unpacked(), name: b""}), "does not belong")


def test_a_further_or_missing_array_is_refused() -> None:
    files = unpacked()
    refused(packed({**files, "arrays/more.npy": b""}), "arrays/more.npy")
    del files["arrays/bounds.npy"]
    refused(packed(files), "arrays/bounds.npy")


def test_a_file_that_is_there_twice_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("manifest.json", b"{}")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("manifest.json", b"{}")
    refused(buffer.getvalue(), "twice")


def test_a_zip_bomb_is_refused_before_it_unfolds() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("arrays/bomb.npy", bytes(50_000_000))
    assert len(buffer.getvalue()) < 100_000
    with pytest.raises(ArtifactError, match="unpacks to more"):
        load_bytes(buffer.getvalue(), TRUSTED, max_bytes=1_000_000)


def test_a_file_above_the_limit_is_refused() -> None:
    with pytest.raises(ArtifactError, match="at most 10"):
        load_bytes(GOOD, TRUSTED, max_bytes=10)


def test_a_newer_schema_is_refused_with_what_to_do() -> None:
    refused(resigned(unpacked(), schema_version=2), "schema version 2.*update")


def test_a_manifest_of_another_format_or_shape_is_refused() -> None:
    refused(resigned(unpacked(), format="other"), "format")
    refused(resigned(unpacked(), features=3), "features")
    refused(resigned(unpacked(), surprise=1), "surprise")


@pytest.mark.parametrize("algorithm", ["os.system", "adaptive", ""])
def test_an_algorithm_outside_of_the_catalogue_is_refused(algorithm) -> None:
    refused(resigned(unpacked(), algorithm=algorithm), "unknown algorithm")


def test_arrays_that_would_lead_a_walk_astray_are_refused_even_when_signed() -> None:
    model = Model.train("isolation_forest", ROWS, parameters={"trees": 2})
    model.detector._nodes.left[0] = 1_000_000
    refused(save_bytes(model, KEY), "damaged")


def test_arrays_of_another_detector_are_refused() -> None:
    refused(resigned(unpacked(), algorithm="zscore", parameters={}), "'scale'.*is missing")
    refused(resigned(unpacked(), parameters={"leaves": 3}), "unknown parameter 'leaves'")
    refused(resigned(unpacked(), features=["a"]), "bounds")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_any_mutation_is_refused_or_harmless(changes) -> None:
    data = bytearray(GOOD)
    for place, value in changes:
        data[place] = value
    try:
        model = load_bytes(bytes(data), TRUSTED)
    except ArtifactError:
        return
    assert model.score(ROWS).score.tobytes() == MODEL.score(ROWS).score.tobytes()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_other_bytes_are_refused(data) -> None:
    for start in (b"", b"PK\x03\x04"):
        with pytest.raises(ArtifactError):
            load_bytes(start + data, TRUSTED)


@pytest.mark.parametrize("algorithm", [*catalog.names("batch"), *catalog.names("series")])
def test_golden_artifacts_of_schema_1_load_and_score_the_same_for_ever(algorithm) -> None:
    if not (GOLDEN / f"{algorithm}-v1.adm").exists():
        pytest.fail(
            f"no golden artifact: make it once by `.venv/bin/python tools/make_golden.py {algorithm}`"
        )
    trusted = TrustedKeys([PublicKey.from_pem((GOLDEN / f"{algorithm}-v1.pem").read_bytes())])
    model = load_bytes((GOLDEN / f"{algorithm}-v1.adm").read_bytes(), trusted)
    rows = np.load(GOLDEN / "rows.npy", allow_pickle=False)
    expected = np.load(GOLDEN / f"{algorithm}-v1-scores.npy", allow_pickle=False)
    np.testing.assert_allclose(model.score(rows).score, expected, rtol=1e-12)
