"""The edge to Slack: listeners, rendering, the durable inbox. No decisions here."""
