"""The one address of the platform: REST, WebSocket and the dashboard."""
