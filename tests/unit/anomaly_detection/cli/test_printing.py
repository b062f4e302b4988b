"""Tables, counts and times for people."""

import pytest

from anomaly_detection.cli import printing


@pytest.mark.parametrize(("number", "text"), [(0, "no jobs"), (1, "1 job"), (2, "2 jobs")])
def test_counts_have_their_plural(number, text) -> None:
    assert printing.counted(number, "job") == text


def test_a_plural_of_its_own_is_taken() -> None:
    assert printing.counted(2, "anomaly", "anomalies") == "2 anomalies"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("2026-01-01T10:20:30.5Z", "2026-01-01 10:20:30"),
        ("2026-01-01T10:20:30+02:00", "2026-01-01 08:20:30"),
        ("2026-01-01T10:20:30", "2026-01-01 10:20:30"),
        (None, "-"),
        ("soon\x1b", "soon "),
    ],
)
def test_times_are_utc_to_the_second(given, shown) -> None:
    assert printing.moment(given) == shown


@pytest.mark.parametrize(("columns", "width"), [("60", 60), ("200", 200), ("", 120), ("0", 120), ("x", 120)])
def test_a_piped_table_is_as_wide_as_columns_says(capsys, monkeypatch, columns, width) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    printing.table("title", ["what", "value"], [("a", "word " * 100)])
    assert max(map(len, capsys.readouterr().out.splitlines())) == pytest.approx(width, abs=4)


@pytest.mark.parametrize(("columns", "kept"), [("34", True), ("22", True), ("21", False)])
def test_a_spare_column_is_there_as_long_as_no_word_must_be_broken(
    capsys, monkeypatch, columns, kept
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    item = {"id": "12345", "created_at": "2026-01-01T10:20:30Z"}
    printing.records("title", ("id", "created_at"), [item], spare="created_at")
    shown = capsys.readouterr().out
    assert "12345" in shown
    assert ("2026-01-01" in shown) is kept


def test_a_table_without_lines_is_its_title(capsys) -> None:
    printing.table("no jobs", ["id"], [])
    assert capsys.readouterr().out == "no jobs\n"


def test_what_others_sent_is_no_markup(capsys) -> None:
    printing.table("[red]title", ["[b]name"], [("[link=x]a",)])
    assert "[red]title" in (shown := capsys.readouterr().out)
    assert "[link=x]a" in shown
