"""Makes the golden artifact of a batch or series detector: model, public key of its signer, expected scores.

python tools/make_golden.py NAME

Never overwrites: what is there keeps later versions readable. The private key is thrown away.
"""

import argparse
import sys
from io import BytesIO
from pathlib import Path

import numpy as np

from ad_detectors import catalog
from ad_detectors.artifact import SigningKey, save_bytes
from ad_detectors.errors import UnknownDetectorError
from ad_detectors.model import Model

FOLDER = Path(__file__).parents[1] / "tests" / "golden"
ROWS = "rows.npy"
SEED, TRAINING_ROWS = 7, 200
SCALES = (1.0, 10.0, 0.1)
# Small artifacts: a golden one proves that it is read, not that it detects well.
PARAMETERS = {"isolation_forest": {"trees": 8}}
CREATED_MS = 1_700_000_000_000


class Refused(Exception):
    """A golden artifact that cannot be made; the message says why."""


def artifact(name: str, folder: Path = FOLDER) -> tuple[Path, Path, Path]:
    """Where the model, its signer's public key and its scores lie."""
    return folder / f"{name}-v1.adm", folder / f"{name}-v1.pem", folder / f"{name}-v1-scores.npy"


def make(name: str, folder: Path = FOLDER) -> tuple[Path, Path, Path]:
    """Writes the three files."""
    try:
        catalog.create_fitted(name)
    except UnknownDetectorError as error:
        raise Refused(f"{error} (only what is fitted is saved as an artifact)") from error
    targets = artifact(name, folder)
    if there := [target.name for target in targets if target.exists()]:
        raise Refused(f"{', '.join(there)}: already there, and golden artifacts are never written again")
    key, model = SigningKey.generate(), _model(name)
    scores = BytesIO()
    np.save(scores, model.score(np.load(folder / ROWS, allow_pickle=False)).score, allow_pickle=False)
    contents = save_bytes(model, key), key.public.to_pem(), scores.getvalue()
    for target, content in zip(targets, contents, strict=True):
        with target.open("xb") as file:
            file.write(content)
    return targets


def _model(name: str) -> Model:
    rows = np.random.default_rng(SEED).normal(size=(TRAINING_ROWS, len(SCALES))) * SCALES
    return Model.train(
        name, rows, ["a", "b", "c"], parameters=PARAMETERS.get(name, {}), created_ms=CREATED_MS
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", help="name of a batch or series detector of the catalogue")
    try:
        written = make(parser.parse_args().name)
    except Refused as error:
        print(error, file=sys.stderr)
        return 2
    print(*written, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
