"""The rules in force, as the control topics tell them."""

from pathlib import Path

from ad_chassis.eventlog.port import Message
from ad_chassis.testing import memory_platform
from ad_contracts.events import DeploymentChanged, StreamChanged
from ad_contracts.topics import topic
from ad_detection.adapters.control_view import ControlView
from tests.support.records import SENSORS

KEY = ("acme", "sensors")


async def test_what_is_erased_is_forgotten_while_it_runs_and_not_known_after_a_start(tmp_path: Path) -> None:
    stream = StreamChanged(
        tenant="acme",
        stream="sensors",
        revision=1,
        deleted=False,
        topic="records.acme",
        schema_json=SENSORS.to_json(),
        settings_json="{}",
        changed_time_ms=0,
    )
    deployed = DeploymentChanged(
        tenant="acme", stream="sensors", revision=1, changed_by="me", changed_time_ms=0
    )
    async with memory_platform(tmp_path) as platform:

        async def tell(name: str, value: bytes | None) -> None:
            await platform.event_log.publish([Message(topic(name), value, b"acme/sensors")])

        await tell("streams", platform.codec.encode(stream))
        await tell("deployments", platform.codec.encode(deployed))
        view = ControlView(platform.event_log, platform.codec)
        await view.start()
        assert (set(view.control.rules), set(view.control.deployments)) == ({KEY}, {KEY})
        await tell("streams", None)
        await tell("deployments", None)
        control = await view.caught_up()
        assert (control.rules, control.deployments, control.tenants()) == ({}, {}, set())
        await view.stop()
        later = ControlView(platform.event_log, platform.codec)
        await later.start()
        assert (later.control.rules, later.control.deployments) == ({}, {})
        await later.stop()
