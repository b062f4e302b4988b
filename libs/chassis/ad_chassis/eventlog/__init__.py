"""The event log: one port, two adapters (an embedded SQLite file and Apache Kafka)."""
