"""`python -m anomaly_detection`."""

from anomaly_detection.cli.main import run

if __name__ == "__main__":
    run()
