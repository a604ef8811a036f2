"""What to call a file that an answer stands in."""

from drilllib.errors import quoted


def base_name(source: str) -> str:
    """The last part of a path, whichever way its slashes lean."""
    return source.replace("\\", "/").rpartition("/")[2]


def called(source: str) -> str:
    """The file as a message names it: without its folders, which are long, and often the same for all."""
    return quoted(base_name(source))
