"""The peer: a Faust agent that asks a fitted PyOD isolation forest about each record.

Runs in an environment of its own, and so imports nothing of ours: `faust_agent.py SERVERS TOPIC ROWS.npy FOLDER`
prints how many records it has scored, now and then.
"""

import os
import sys

import faust
import numpy as np
from pyod.models.iforest import IForest

PRINT_EVERY = 50
said = os.fdopen(os.dup(1), "w")  # Faust takes standard output for its own log
servers, topic, training, folder = sys.argv[1:]
model = IForest(n_estimators=100, max_samples=256, contamination=0.001, random_state=0).fit(np.load(training))
app = faust.App(
    f"bench-{topic}",
    broker=f"kafka://{servers}",
    datadir=folder,
    value_serializer="json",
    consumer_auto_offset_reset="earliest",
    topic_disable_leader=True,
)
records = app.topic(topic)


@app.agent(records)
async def score(stream: faust.Stream) -> None:
    count = anomalies = 0
    async for record in stream:
        row = np.array([list(record.values())])
        anomalies += int(model.predict(row)[0])
        count += 1
        if count % PRINT_EVERY == 0:
            print(count, file=said, flush=True)


sys.argv[1:] = ["worker", "--without-web", "--loglevel", "error"]
app.main()
