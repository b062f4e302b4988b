"""The services by name."""

from importlib.util import find_spec

import ad_gateway.main
from ad_chassis import settings
from anomaly_detection.serve.services import EDGE, SERVICES, build_of


def test_every_service_that_the_settings_know_can_be_run() -> None:
    assert set(SERVICES) == set(settings.SERVICES)
    assert all(find_spec(module.partition(".")[0]) for module in SERVICES.values())


def test_the_edge_starts_last_because_it_asks_the_others() -> None:
    assert list(SERVICES)[-1] == EDGE


def test_the_wiring_of_a_service_is_found_by_its_name() -> None:
    assert build_of("gateway") is ad_gateway.main.build
