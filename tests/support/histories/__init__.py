"""Random histories of a workspace, played against the bot and against an oracle of who may read what."""
