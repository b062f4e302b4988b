"""A file into a stream, body by body."""

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anomaly_detection.cli.bodies import bodies
from anomaly_detection.cli.progress import bar
from anomaly_detection.client.api import Api, segment
from anomaly_detection.client.problems import ServerError

MOST_REJECTIONS = 100


def send_file(api: Api, stream: str, path: Path, batch_rows: int) -> dict[str, Any]:
    """What was sent and what became of it; rows are counted from the start of the file."""
    run = uuid.uuid4().hex
    total: dict[str, Any] = {
        "stream": stream,
        "rows": 0,
        "accepted": 0,
        "rejected": 0,
        "batches": [],
        "rejections": [],
    }
    with bar(f"sending {path.name}") as show:
        for records in bodies(path, batch_rows):
            try:
                answer = api.send(
                    f"/streams/{segment(stream)}/records",
                    records.content,
                    records.content_type,
                    f"{run}-{records.start}",
                )
            except ServerError as error:
                raise _stopped(error, total) from error
            _add(total, answer)
            show(records.share)
    return total


def _add(total: dict[str, Any], answer: Mapping[str, Any]) -> None:
    # The server counts what it read: a lone quote in a CSV may hide line breaks from us, but not from it.
    start, rows = total["rows"], answer["accepted"] + answer["rejected"]
    total["rows"] += rows
    total["accepted"] += answer["accepted"]
    total["rejected"] += answer["rejected"]
    total["batches"].append({"batch_id": answer["batch_id"], "start": start, "rows": rows})
    room = MOST_REJECTIONS - len(total["rejections"])
    told = answer.get("rejections", [])[:room]
    total["rejections"] += [each | {"row": each["row"] + start} for each in told]


def _stopped(error: ServerError, total: Mapping[str, Any]) -> ServerError:
    if not total["rows"]:
        return error
    return ServerError(
        f"stopped at row {total['rows']} ({total['accepted']} accepted, {total['rejected']} rejected): {error}",
        error.status,
    )
