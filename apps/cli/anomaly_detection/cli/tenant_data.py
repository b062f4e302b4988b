"""`anomaly_detection tenants export` and `erase`: all services together."""

import time
import zipfile
from collections import Counter
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from anomaly_detection.cli.connection import DEFAULT_SERVER, ApiKey, Json, Server, connected
from anomaly_detection.cli.progress import note
from anomaly_detection.errors import CliError

if TYPE_CHECKING:
    from anomaly_detection.client.threads import Client

OTHERS = ("ingestion", "detection", "training", "model_registry")
"""Ingestion first, or new records would go on to lead to something."""
LAST = "auth"
PASSES = 60
NOT_SUSPENDED = "is not suspended"
"""Auth says that it is: a service that says otherwise has not heard of it yet. No other refusal passes."""
HEARING_TRIES = 15
WAIT_SECONDS = 1.0
Name = Annotated[str, typer.Argument(help="Name of the tenant.")]


def export(
    name: Name,
    output: Annotated[Path, typer.Option(help="The zip to write; one that exists is not replaced.")],
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Write all that the platform holds of a tenant into a zip, but secrets.

    A file of lines for each service, and below the name of the service the objects: records as Parquet, models.

    Example: anomaly_detection tenants export acme --output acme.zip
    """
    from anomaly_detection.cli import printing

    if output.exists():
        raise CliError(f"{output} exists already; name another file")
    unfinished = output.with_name(f"{output.name}.unfinished")
    counted: Counter[str] = Counter()
    with connected(server, api_key) as client:
        client.tenants.get(name)
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
            for service in (LAST, *OTHERS):
                counted += _export_service(client, archive, name, service)
    unfinished.rename(output)
    if json:
        printing.as_json({"tenant": name, "output": str(output), **counted})
    else:
        note(f"{counted['rows']} rows and {counted['objects']} objects of {name} are in {output}")


def _export_service(client: "Client", archive: zipfile.ZipFile, tenant: str, service: str) -> Counter[str]:
    keys: list[str] = []
    end: dict[str, int] | None = None
    with archive.open(f"{service}.ndjson", "w", force_zip64=True) as file:
        for said in client.tenants.data(tenant, service):
            file.write(dumps(said, ensure_ascii=False).encode() + b"\n")
            keys += [said["object"]] if "object" in said else []
            end = said.get("end")
    if end is None:
        raise CliError(f"{service} broke off in the middle of its answer; try again")
    for key in keys:
        _export_object(client, archive, tenant, service, key)
    return Counter(end)


def _export_object(client: "Client", archive: zipfile.ZipFile, tenant: str, service: str, key: str) -> None:
    with archive.open(f"{service}/{key}", "w", force_zip64=True) as file:
        for piece in client.tenants.objects(tenant, service, key):
            file.write(piece)


def erase(
    name: Name,
    confirm: Annotated[
        str | None, typer.Option(help="The name once more, instead of being asked for it.", metavar="<name>")
    ] = None,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Erase all that the platform holds of a suspended tenant, but the audit log. There is no way back.

    Broken off, it is begun again with the same command.

    Example: anomaly_detection tenants erase acme --confirm acme
    """
    from anomaly_detection.cli import printing

    with connected(server, api_key) as client:
        tenant = client.tenants.get(name)
        if tenant["suspended_at"] is None:
            raise CliError(f"{name} is not suspended: anomaly_detection tenants suspend {name}")
        again = confirm or typer.prompt(f"type {name} to erase all that it has", err=True)
        if again != name:
            raise CliError(f"{again!r} is not {name!r}; nothing was erased")
        erased = _erase_others(client, name)
        erased += _erase_at(client, name, LAST)
    if json:
        printing.as_json({"tenant": name, "erased": dict(erased)})
    else:
        lines = [{"what": what, "erased": count} for what, count in sorted(erased.items())]
        printing.records(f"{name} is erased", ("what", "erased"), lines)


def _erase_others(client: "Client", tenant: str) -> Counter[str]:
    """Until a whole pass finds nothing: what was under way may have left something behind it."""
    erased: Counter[str] = Counter()
    for _ in range(PASSES):
        found = sum((_erase_at(client, tenant, service) for service in OTHERS), Counter[str]())
        if not found:
            return erased
        erased += found
        time.sleep(WAIT_SECONDS)
    raise CliError(
        "something of the tenant comes anew all the time; look who writes to its topics, and try again"
    )


def _erase_at(client: "Client", tenant: str, service: str) -> Counter[str]:
    """A service that has not heard of the suspension yet is asked again."""
    from anomaly_detection.client.problems import Conflict

    for tries in range(HEARING_TRIES + 1):
        try:
            answer = client.tenants.erase(tenant, service)
        except Conflict as error:
            if NOT_SUSPENDED not in str(error) or tries == HEARING_TRIES:
                raise
            time.sleep(WAIT_SECONDS)
        else:
            return Counter({f"{service}: {what}": count for what, count in answer["erased"].items()})
    raise AssertionError("the last try returns or raises")
