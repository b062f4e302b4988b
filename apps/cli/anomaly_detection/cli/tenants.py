"""`anomaly_detection tenants`: whose data the platform holds, for whoever runs it."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from anomaly_detection.cli.connection import DEFAULT_SERVER, ApiKey, Json, Server, connected, group
from anomaly_detection.cli.tenant_data import erase, export
from anomaly_detection.errors import CliError

app = group(
    "Tenants, for whoever runs the platform: with the key of the services.\n\n"
    "Example: anomaly_detection tenants list --api-key $ANOMALY_DETECTION_SERVICE_KEY"
)
Name = Annotated[str, typer.Argument(help="Name of the tenant.")]
Streams = Annotated[int | None, typer.Option("--streams", min=0, help="Streams that there may be.")]
Entities = Annotated[
    int | None, typer.Option("--entities", min=0, help="Entities that all streams may hold together.")
]
Records = Annotated[
    int | None, typer.Option("--records-per-second", min=1, help="Records over REST, on average.")
]
Storage = Annotated[int | None, typer.Option("--storage-bytes", min=0, help="Records kept in the lake.")]
Jobs = Annotated[int | None, typer.Option("--jobs", min=0, help="Training jobs that wait or run.")]
QUOTAS = ("streams", "entities", "records_per_second", "storage_bytes", "jobs")
app.command()(export)
app.command()(erase)


@app.command("list")
def list_tenants(server: Server = DEFAULT_SERVER, api_key: ApiKey = None, json: Json = False) -> None:
    """All tenants of the platform.

    Example: anomaly_detection tenants list
    """
    from anomaly_detection.cli import printing

    with connected(server, api_key) as client:
        items = list(client.tenants.list())
    if json:
        printing.as_json({"items": items})
    else:
        lines = [each | {"suspended": each["suspended_at"] is not None} for each in items]
        names = ("tenant", "suspended", "quotas", "created_at")
        printing.records(printing.counted(len(items), "tenant"), names, lines)


@app.command()
def create(
    name: Name,
    streams: Streams = None,
    entities: Entities = None,
    records_per_second: Records = None,
    storage_bytes: Storage = None,
    jobs: Jobs = None,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Make a tenant; the key of its first administrator is shown this once.

    Example: anomaly_detection tenants create acme --streams 20 --records-per-second 5000
    """
    quotas = _given(streams, entities, records_per_second, storage_bytes, jobs)
    with connected(server, api_key) as client:
        _tell(client.tenants.create(name, quotas=quotas), json)


@app.command()
def show(name: Name, server: Server = DEFAULT_SERVER, api_key: ApiKey = None, json: Json = False) -> None:
    """A tenant: its quotas, and since when it is suspended.

    Example: anomaly_detection tenants show acme
    """
    with connected(server, api_key) as client:
        _tell(client.tenants.get(name), json)


@app.command()
def suspend(name: Name, server: Server = DEFAULT_SERVER, api_key: ApiKey = None, json: Json = False) -> None:
    """Shut a tenant out: its tokens end at once and it gets no others; its data stays.

    Example: anomaly_detection tenants suspend acme
    """
    _change(name, {"suspended": True}, server, api_key, json)


@app.command()
def admit(name: Name, server: Server = DEFAULT_SERVER, api_key: ApiKey = None, json: Json = False) -> None:
    """Let a suspended tenant in again.

    Example: anomaly_detection tenants admit acme
    """
    _change(name, {"suspended": False}, server, api_key, json)


@app.command()
def quota(
    name: Name,
    streams: Streams = None,
    entities: Entities = None,
    records_per_second: Records = None,
    storage_bytes: Storage = None,
    jobs: Jobs = None,
    unset: Annotated[
        list[str] | None,
        typer.Option(help="Go back to the services' default; may be repeated.", metavar="<quota>"),
    ] = None,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Change what a tenant may have; it counts within a second.

    Example: anomaly_detection tenants quota acme --streams 50 --unset jobs
    """
    quotas: dict[str, int | None] = dict(_given(streams, entities, records_per_second, storage_bytes, jobs))
    for each in unset or []:
        known = each.replace("-", "_")
        if known not in QUOTAS:
            raise CliError(f"--unset {each}: choose one of {', '.join(QUOTAS)}")
        if known in quotas:
            raise CliError(f"{each}: either a value or --unset, not both")
        quotas[known] = None
    if not quotas:
        raise CliError("nothing to change; see anomaly_detection tenants quota --help")
    _change(name, {"quotas": quotas}, server, api_key, json)


def _given(*limits: int | None) -> dict[str, int]:
    return {name: limit for name, limit in zip(QUOTAS, limits, strict=True) if limit is not None}


def _change(name: str, body: Mapping[str, Any], server: str, api_key: str | None, json: bool) -> None:
    with connected(server, api_key) as client:
        _tell(client.tenants.change(name, **body), json)


def _tell(tenant: Mapping[str, Any], json: bool) -> None:
    from anomaly_detection.cli import printing

    if json:
        printing.as_json(tenant)
    else:
        names = [each for each in ("tenant", "quotas", "suspended_at", "created_at", "key") if each in tenant]
        printing.details(f"tenant {tenant['tenant']}", tenant, names)
