"""Labels of a file, as the platform takes them."""

from pathlib import Path

import pytest

from anomaly_detection.cli.labels import read_labels
from anomaly_detection.errors import CliError


def written(folder: Path, text: str, name: str = "labels.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_stretches_of_time_are_taken_as_they_are(tmp_path) -> None:
    path = written(tmp_path, "start,end,entity\n2026-11-01T10:00:00Z,2026-11-01T10:05:00Z,p1\n")
    [label] = read_labels(path)
    assert label["entity"] == "p1"
    assert label["start"].startswith("2026-11-01T10:00:00")
    assert label["end"].startswith("2026-11-01T10:05:00")


def test_records_labelled_one_after_the_other_are_one_stretch_of_their_entity(tmp_path) -> None:
    lines = ["time,entity,label"]
    for minute, (one, other) in enumerate(zip("0110010", "0001110", strict=True)):
        lines += [f"2026-11-01T10:0{minute}:00Z,a,{one}", f"2026-11-01T10:0{minute}:00Z,b,{other}"]
    found = [
        (label["entity"], label["start"][14:16], label["end"][14:16])
        for label in read_labels(written(tmp_path, "\n".join(lines)))
    ]
    assert found == [("a", "01", "02"), ("a", "05", "05"), ("b", "03", "05")]


def test_moments_without_a_label_are_all_anomalous(tmp_path) -> None:
    path = written(tmp_path, '[{"time": "2026-11-01T10:00:00Z"}, {"time": "2026-11-01T11:00:00Z"}]', "l.json")
    assert [list(label) for label in read_labels(path)] == [["time"], ["time"]]


@pytest.mark.parametrize(
    ("text", "word"),
    [("moment,kind\n1,2\n", "columns moment, kind"), ("time,label\n2026-11-01,7\n", "must be 0 or 1")],
)
def test_what_is_no_file_of_labels_is_refused_with_what_would_be_right(tmp_path, text, word) -> None:
    with pytest.raises(CliError, match=word):
        read_labels(written(tmp_path, text))
