"""FaultMaven for Slack: the files shared in your channels, found by asking."""

__version__ = "0.1.0"
