"""The rules in force, as the control topics tell them."""

from pathlib import Path
from typing import Any

from msgspec import structs

from ad_chassis.eventlog.port import Message
from ad_chassis.testing import memory_platform
from ad_contracts.events import DeploymentChanged, StreamChanged
from ad_contracts.topics import topic
from ad_detection.adapters.control_view import ControlView
from ad_detection.domain.control import Control, StreamKey
from tests.support.records import SENSORS

KEY = ("acme", "sensors")


def sensors(**changes: Any) -> StreamChanged:
    told = StreamChanged(
        tenant="acme",
        stream="sensors",
        revision=1,
        deleted=False,
        topic="records.acme",
        schema_json=SENSORS.to_json(),
        settings_json="{}",
        changed_time_ms=0,
    )
    return structs.replace(told, **changes)


async def test_streams_are_known_from_their_creation_to_their_deletion_without_a_schema_too(
    tmp_path: Path,
) -> None:
    async with memory_platform(tmp_path) as platform:
        view = ControlView(platform.event_log, platform.codec)
        gone: list[tuple[StreamKey, int | None]] = []
        view.on_gone(lambda key: gone.append((key, view.control.generation(*key))))
        await view.start()

        async def told(**changes: Any) -> Control:
            value = platform.codec.encode(sensors(**changes))
            await platform.event_log.publish([Message(topic("streams"), value, b"acme/sensors")])
            return await view.caught_up()

        assert (await told(schema_json="")).waiting == {KEY: 1}
        control = await told(revision=2)
        assert (control.waiting, set(control.rules)) == ({}, {KEY})
        assert gone == []
        assert (await told(revision=3, deleted=True, schema_json="")).generation(*KEY) is None
        assert gone == [(KEY, None)]
        assert (await told(revision=4, generation=2)).rules[KEY].generation == 2
        assert (await told(revision=6, generation=3)).rules[KEY].generation == 3
        assert gone == [(KEY, None), (KEY, 3)], "its deletion was compacted away"
        await view.stop()


async def test_what_is_erased_is_forgotten_while_it_runs_and_not_known_after_a_start(tmp_path: Path) -> None:
    stream = sensors()
    deployed = DeploymentChanged(
        tenant="acme", stream="sensors", revision=1, changed_by="me", changed_time_ms=0
    )
    async with memory_platform(tmp_path) as platform:

        async def tell(name: str, value: bytes | None) -> None:
            await platform.event_log.publish([Message(topic(name), value, b"acme/sensors")])

        await tell("streams", platform.codec.encode(stream))
        await tell("deployments", platform.codec.encode(deployed))
        view = ControlView(platform.event_log, platform.codec)
        gone: list[StreamKey] = []
        view.on_gone(gone.append)
        await view.start()
        assert (set(view.control.rules), set(view.control.deployments)) == ({KEY}, {KEY})
        await tell("streams", None)
        await tell("deployments", None)
        control = await view.caught_up()
        assert (control.rules, control.deployments, control.tenants(), gone) == ({}, {}, set(), [KEY])
        await view.stop()
        later = ControlView(platform.event_log, platform.codec)
        await later.start()
        assert (later.control.rules, later.control.deployments) == ({}, {})
        await later.stop()
