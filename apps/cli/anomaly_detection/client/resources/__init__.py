"""The operations of a client, in groups as the REST interface has them. Each is described once, for both clients."""
