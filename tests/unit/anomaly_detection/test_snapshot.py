"""The bytes of a stream's state are checked before a kernel trusts them."""

import contextlib
import io
import json
import pickle
import zipfile
from collections.abc import Callable

import numpy as np
import pytest

from ad_detectors.artifact.container import MANIFEST, pack
from ad_detectors.errors import ArtifactError
from anomaly_detection import StreamDetector


@pytest.fixture(scope="module")
def data() -> bytes:
    detector = StreamDetector("ewma", alert_probability=0.02)
    detector.update(np.random.default_rng(0).normal(size=(50, 2)), [number % 20 for number in range(50)])
    return detector.to_bytes()


def changed(data: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    return pack(files)


def with_manifest(data: bytes, **values: object) -> bytes:
    def change(files: dict[str, bytes]) -> None:
        files[MANIFEST] = json.dumps(json.loads(files[MANIFEST]) | values).encode()

    return changed(data, change)


def test_everything_comes_back(data) -> None:
    again = StreamDetector.from_bytes(data)
    assert again.to_bytes() == data
    assert again.entities == list(range(20))
    assert repr(again) == "StreamDetector('ewma', entities=20, records=50)"


def test_a_detector_that_saw_nothing_comes_back() -> None:
    assert StreamDetector.from_bytes(StreamDetector("ewma").to_bytes()).entities == []


def test_damage_is_refused(data) -> None:
    for broken in (b"", b"nonsense", data[:-40], data[:100], pickle.dumps({"a": 1})):
        with pytest.raises(ArtifactError):
            StreamDetector.from_bytes(broken)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"format": "other"}, "no state of a StreamDetector"),
        ({"version": 2}, "of version 1"),
        ({"algorithm": "zscore"}, "no detector that is known"),
        ({"parameters": {"magic": 1}}, "no detector that is known"),
        ({"names": ["a", "b", "c"]}, "not those of 'ewma'"),
        ({"names": []}, "not those of 'ewma'"),
        ({"entities": list(range(500))}, "it names 500"),
        ({"rows": "many"}, "damaged"),
        ({"entities": [[]]}, "damaged"),
        ({"entities": [1, 1]}, "damaged"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(data, values, words) -> None:
    with pytest.raises(ArtifactError, match=words):
        StreamDetector.from_bytes(with_manifest(data, **values))


def test_arrays_of_another_shape_are_refused(data) -> None:
    def cut(files: dict[str, bytes]) -> None:
        name = next(name for name in files if name != MANIFEST)
        buffer = io.BytesIO()
        np.save(buffer, np.load(io.BytesIO(files[name]))[:5])
        files[name] = buffer.getvalue()

    with pytest.raises(ArtifactError, match="room for"):
        StreamDetector.from_bytes(changed(data, cut))
    with pytest.raises(ArtifactError, match="not those of"):
        StreamDetector.from_bytes(changed(data, lambda files: files.pop(min(files))))


@pytest.mark.parametrize("seed", range(8))
def test_mutated_parts_are_refused_or_hold_another_state_but_nothing_else_happens(data, seed) -> None:
    generator = np.random.default_rng(seed)

    def mutate(files: dict[str, bytes]) -> None:
        name = sorted(files)[generator.integers(len(files))]
        part = bytearray(files[name])
        for place in generator.integers(min(len(part), 300), size=3):
            part[place] = generator.integers(256)
        files[name] = bytes(part)

    for _ in range(40):
        with contextlib.suppress(ArtifactError):
            assert StreamDetector.from_bytes(changed(data, mutate)).algorithm
