"""How fast a service knows who calls: a token that it has not seen, and one that it has."""

import time

from ad_chassis.testing.auth import FakeAuth
from benchmarks.edge.bench import Bench
from benchmarks.engine.figures import Section, at_least

NEW, QUICK_NEW = 5_000, 1_000
KNOWN, QUICK_KNOWN = 500_000, 100_000


async def measure(bench: Bench) -> Section:
    auth = FakeAuth()
    verifier = auth.verifier()
    tokens = [auth.token(subject=f"caller-{number}") for number in range(bench.sized(NEW, QUICK_NEW))]
    # The key set is fetched with the first one.
    await verifier.verify(auth.token())
    begun = time.process_time()
    for token in tokens:
        await verifier.verify(token)
    new = len(tokens) / (time.process_time() - begun)
    again, token = bench.sized(KNOWN, QUICK_KNOWN), tokens[-1]
    begun = time.process_time()
    for _ in range(again):
        await verifier.verify(token)
    known = again / (time.process_time() - begun)
    return Section(
        [
            at_least("a token that is new, ES256", new, "verified/CPU s", must=5_000, aim=10_000),
            at_least("a token that is known", known, "verified/CPU s", must=100_000, aim=200_000),
        ]
    )
