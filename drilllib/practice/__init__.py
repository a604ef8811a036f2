"""Practice as it is played: the built-in drills, an attempt and its log on disk, and mastery. Begin with `session`."""
