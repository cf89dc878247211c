"""A local Slack workspace: the demo in the browser and the strict server that tests run against."""
