"""What every service stands on: settings, event log, database, HTTP, telemetry."""
