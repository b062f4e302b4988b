"""The words of the OpenAPI document."""

from fastapi import APIRouter, FastAPI

from ad_chassis.health import Health
from ad_chassis.http import create_app
from ad_chassis.metrics import Metrics


def operations() -> dict[str, dict[str, object]]:
    """What the document says of a few routes, by path."""
    app: FastAPI = create_app("shop", "1", metrics=Metrics("shop"), health=Health("1"))
    router = APIRouter()

    @router.get("/one")
    async def get_one() -> int:
        """One number (`1.0`)."""
        return 1

    @router.get("/two")
    async def get_two() -> int:
        """Two numbers. They differ,
        always.
        """
        return 2

    @router.get("/own", summary="In words of its own")
    async def get_own() -> int:
        """A description."""
        return 3

    @router.get("/silent")
    async def get_silent() -> int:
        return 4

    app.include_router(router)
    return {path: item["get"] for path, item in app.openapi()["paths"].items()}


def test_the_summary_is_the_first_sentence_of_the_docstring() -> None:
    found = operations()
    assert found["/one"]["summary"] == "One number (1.0)"
    assert found["/two"]["summary"] == "Two numbers"


def test_what_the_summary_says_is_not_said_again() -> None:
    found = operations()
    assert "description" not in found["/one"]
    assert found["/two"]["description"] == "They differ, always."


def test_a_summary_that_was_written_stays() -> None:
    found = operations()["/own"]
    assert (found["summary"], found["description"]) == ("In words of its own", "A description.")


def test_a_route_without_a_docstring_keeps_its_name() -> None:
    assert operations()["/silent"]["summary"] == "Get Silent"
