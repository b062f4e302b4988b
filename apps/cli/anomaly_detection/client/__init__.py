"""What the command line needs of a running platform. Not a public interface."""

DEFAULT_SERVER = "http://127.0.0.1:8000"
