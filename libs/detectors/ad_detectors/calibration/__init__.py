"""From raw scores to probabilities, thresholds and severities."""
