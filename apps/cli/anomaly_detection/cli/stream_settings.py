"""Options that say how a stream is scored and what it tells."""

from typing import Annotated, Any

import typer

from anomaly_detection.cli.options import parameters_of

Algorithm = Annotated[
    str | None,
    typer.Option(
        help="Streaming detector that scores while no model is promoted. [default: adaptive]",
        show_default=False,
    ),
]
MaxEntities = Annotated[
    int | None, typer.Option(min=1, help="Entities known at a time, per partition. [default: 1000000]")
]
AllowedLateness = Annotated[
    float | None,
    typer.Option(min=0, help="How much older a record may be than one before it. [default: any]"),
]
Silence = Annotated[
    float | None,
    typer.Option(min=1, help="An entity that sends nothing for longer is an anomaly. [default: it is not]"),
]
REMOVABLE = ("alert_probability", "allowed_lateness_seconds", "silence_seconds")
"""Settings that need not have a value."""


def settings_of(param: list[str] | None, **given: Any) -> dict[str, Any]:
    """What was asked for, and nothing more."""
    settings = {name: value for name, value in given.items() if value is not None}
    return settings | ({"parameters": parameters_of(param)} if param else {})
