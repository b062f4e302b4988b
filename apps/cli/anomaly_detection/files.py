"""Model files (.adm): written whole, read only when their signature is trusted."""

import os
from collections.abc import Sequence
from pathlib import Path

from ad_detectors.artifact import MAX_BYTES, ArtifactError, load_bytes, save_bytes
from ad_detectors.errors import ParameterError
from ad_detectors.model import Model
from anomaly_detection.keys import local_key, trusted_keys


def check_folder(path: str | os.PathLike[str]) -> None:
    """Refuse a file whose folder does not exist."""
    folder = Path(path).parent
    if not folder.is_dir():
        raise ParameterError(
            f"parameter 'path' is {os.fspath(path)!r}; the folder {os.fspath(folder)!r} does not exist, make it first"
        )


def save_model(model: Model, path: str | os.PathLike[str]) -> Path:
    """Write a model signed with the user's key.

    Raises
    ------
    ParameterError
        The folder of the file does not exist.
    """
    target = Path(path)
    check_folder(target)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        draft.write_bytes(save_bytes(model, local_key()))
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return target


def load_model(path: str | os.PathLike[str], trust: Sequence[Path] = ()) -> Model:
    """Read a model file after verifying it.

    Raises
    ------
    ArtifactError
        It is damaged, not signed by a trusted key, or a pickle.
    """
    source = Path(path)
    if not source.is_file():
        raise ArtifactError(f"{source}: no such model file; `anomaly_detection train` writes one")
    size = source.stat().st_size
    if size > MAX_BYTES:
        raise ArtifactError(f"{source}: the file has {size} bytes; at most {MAX_BYTES} are read")
    try:
        return load_bytes(source.read_bytes(), trusted_keys(trust))
    except ArtifactError as error:
        raise ArtifactError(f"{source}: {error}") from error
