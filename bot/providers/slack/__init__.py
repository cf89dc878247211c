"""Slack as a source of files and of memberships."""
