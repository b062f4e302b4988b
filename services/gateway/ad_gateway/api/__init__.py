"""What comes in: REST, WebSocket and the page."""
