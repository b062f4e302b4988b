"""What the authorization server says of itself."""

from ad_chassis.settings import TokenSettings
from tests.support.oauth import Flow, told

ISSUER = "https://ad.example"
WHERE = "http://auth/.well-known/oauth-authorization-server"


async def test_rfc8414_3_the_metadata_names_the_issuer_and_routes_that_exist(hosted, tmp_path) -> None:
    async with hosted(tmp_path, tokens=TokenSettings(issuer=ISSUER)) as (platform, client):
        answer = await client.get(WHERE)
        said = answer.json()
        assert answer.headers["cache-control"] == "public, max-age=300"
        assert said["issuer"] == ISSUER
        assert said["code_challenge_methods_supported"] == ["S256"]
        paths = (await client.get("http://auth/openapi.json")).json()["paths"]
        for name in said:
            if name.endswith(("_endpoint", "_uri")):
                assert said[name].removeprefix(ISSUER) in paths
        # RFC 9068 section 4: tokens name the same issuer.
        token = await platform.tokens.token()
        assert (await platform.verifier.verify(token)).kind == "service"


async def test_rfc9207_2_answers_of_the_authorization_endpoint_name_the_issuer(hosted, tmp_path) -> None:
    async with hosted(tmp_path, tokens=TokenSettings(issuer=ISSUER)) as (_, client):
        answer = await Flow(client, response_type="token").ask()
        assert told(answer)["iss"] == ISSUER


async def test_rfc8414_2_without_an_address_there_is_no_metadata_and_the_answer_says_what_to_set(
    shared_client,
) -> None:
    answer = await shared_client.get(WHERE)
    assert answer.status_code == 404
    assert "ANOMALY_DETECTION_PUBLIC_URL" in answer.json()["detail"]
