"""Progress is for people who watch."""

import sys

from anomaly_detection.cli.progress import bar


def test_the_bar_goes_to_stderr_when_somebody_watches(capsys, monkeypatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with bar("sending data.csv") as show:
        show(0.5)
    out, err = capsys.readouterr()
    assert out == ""
    assert "sending data.csv" in err


def test_nothing_is_shown_where_nobody_watches(capsys) -> None:
    with bar("sending data.csv") as show:
        show(0.5)
    assert capsys.readouterr() == ("", "")
