"""Where the data of this user lies."""

import os
from pathlib import Path


def data_folder() -> Path:
    """Where this user's data lies: ANOMALY_DETECTION_DATA_DIR, else below XDG_DATA_HOME or ~/.local/share."""
    chosen = os.environ.get("ANOMALY_DETECTION_DATA_DIR")
    if chosen:
        return Path(chosen)
    share = os.environ.get("XDG_DATA_HOME")
    return (Path(share) if share else Path.home() / ".local" / "share") / "anomaly_detection"


def config_folder() -> Path:
    """What is kept for this user at every server: below XDG_CONFIG_HOME or ~/.config."""
    home = os.environ.get("XDG_CONFIG_HOME")
    return (Path(home) if home else Path.home() / ".config") / "anomaly_detection"
