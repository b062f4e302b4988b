"""`anomaly_detection serve`."""

import importlib.util
from pathlib import Path
from typing import Annotated

import typer

from anomaly_detection.errors import CliError

Service = Annotated[
    str | None, typer.Argument(help="One service alone; all of them unless named.", show_default=False)
]
Host = Annotated[str | None, typer.Option(help="Address to listen on (API_HOST). [default: 127.0.0.1]")]
Port = Annotated[
    int | None,
    typer.Option(min=0, max=65535, help="Port, 0 takes a free one (API_PORT). [default: 8000]"),
]
Data = Annotated[
    Path | None,
    typer.Option(help="Folder of all that is kept (ANOMALY_DETECTION_DATA_DIR).", show_default=False),
]
Workers = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Processes of a service, one for each core; they share the records through Kafka (API_WORKERS)."
        " [default: 1]",
    ),
]


def serve(
    service: Service = None,
    host: Host = None,
    port: Port = None,
    data: Data = None,
    workers: Workers = None,
) -> None:
    """Run the platform: all services in one process, or one of them.

    Without addresses in the environment everything is kept in one folder and no server is needed;
    KAFKA_BOOTSTRAP_SERVERS, DATABASE_URL and REDIS_URL put each part on its server.

    Example: anomaly_detection serve --host 0.0.0.0 --port 8000

    Example: anomaly_detection serve detection --port 8005

    Example: anomaly_detection serve detection --port 8005 --workers 4
    """
    if importlib.util.find_spec("ad_chassis") is None:
        raise CliError("the services are not installed; install anomaly_detection[server]")
    from ad_chassis.errors import SettingsError
    from ad_chassis.eventlog.errors import LogError
    from anomaly_detection.serve.run import Options, serve_all, serve_one
    from anomaly_detection.serve.services import SERVICES

    if service is not None and service not in SERVICES:
        raise CliError(
            f"there is no service {service!r}; choose one of {', '.join(SERVICES)}, or none for all"
        )
    options = Options(host, port, data, workers)
    try:
        if service is None:
            serve_all(options)
        else:
            serve_one(service, options)
    except SettingsError as error:
        raise CliError(error.detail) from error
    except LogError as error:
        raise CliError(f"the services did not start: {error}") from error
    except SystemExit as stop:
        # The chassis ends a process that cannot start with a line instead of a number.
        if isinstance(stop.code, str):
            raise CliError(stop.code) from stop
        raise
