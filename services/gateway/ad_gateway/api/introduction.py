"""What a reader of the API should know before the first call."""

TITLE = "anomaly_detection"
INTRODUCTION = """\
Send records to a stream; every one is scored as it arrives, and what stands out comes back as an anomaly with an
explanation.

### Sign in
Every call but health, metrics and `POST /api/v1/auth/token` needs `Authorization: Bearer …` with one of

- an **API key** (`ad_<environment>_<id>_<secret>`), as it is: the simplest way for programs. The key of the first
  administrator is in the file `admin.key` of the data folder; `POST /api/v1/api-keys` makes further ones.
- an **access token** of `POST /api/v1/auth/token`, for a user name and password. It lives for minutes; the refresh
  token beside it brings the next one.

On this page: **Authorize**, then paste either. Permissions are `read`, `write` and `admin`.

### Problems
Whatever fails answers with `application/problem+json` (RFC 9457): `title`, `status`, a `detail` that says what was
wrong and what would be right, `errors` with one entry per wrong field, and a `request_id`, which the logs have too
(header `X-Request-ID`).

### Limits
Every answer says in `RateLimit` how many requests are left (`r`) and in how many seconds (`t`) there are more; who has
none left gets 429 with `Retry-After`. A `POST` with an `Idempotency-Key`, such as a UUID, may be sent again without
doing its work twice: it gets the first answer, 409 while that is being made, and 422 for another body.

### Pages
Lists answer `items` and `next_cursor`. Send it back as `cursor` for the next page; it is null at the end. Take a
cursor as it is: what is in it may change.

### Ids
- A **record** is `<batch_id>/<row>`: the `batch_id` that `POST /api/v1/streams/{name}/records` answered, and the
  row in that body, from 0. Sending a body again with the same `Idempotency-Key` makes no second batch.
- An **anomaly** names its record in `record_id`. Its own `id` follows from the record and the model version, so the
  same anomaly has the same id over REST, WebSocket and Kafka.
- A **model version** is `name@3`.

Times are ISO 8601 in UTC; a time without a zone is taken as UTC.

### Live
`/api/v1/ws/anomalies` is a WebSocket: sub-protocols `anomalies.v1` and `bearer.<key or token>`, or the header
`Authorization`, or `?ticket=` with a one-time ticket of `POST /api/v1/ws/tickets`. Each message carries a `cursor`;
connect again with `?after=<cursor>` to go on where it was cut. `GET /api/v1/anomalies/stream` is the same as
Server-Sent Events.
"""
