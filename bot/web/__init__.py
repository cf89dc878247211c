"""HTTP: health, metrics, Slack's requests."""
