"""YAML as plain data, where PyYAML is installed; the engine itself needs nothing but Python."""

from typing import Any

from drilllib.errors import InvalidInputError, MissingToolError


def yaml_document(text: str, where: str) -> Any:
    """
    The one document in *text*; *where* names it in the message.

    Raises:
        InvalidInputError: It is no YAML, nests too deeply, or has a key twice.
        MissingToolError: PyYAML is not installed.
    """
    try:
        import yaml
    except ImportError:
        remedy = "Install it (pip install pyyaml), or write the file as JSON"
        raise MissingToolError(f"{where} is YAML, and PyYAML is not installed", remedy=remedy) from None
    try:
        return yaml.load(text, _strict_loader(yaml))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" at line {mark.line + 1} column {mark.column + 1}" if mark else ""
        problem = f"{where} cannot be read as YAML: {getattr(error, 'problem', None) or 'a character is not allowed'}"
        raise InvalidInputError(f"{problem}{place}", remedy="Correct the file") from None
    except (RecursionError, ValueError):
        problem = f"{where} nests too deeply or has a value that cannot be read"
        raise InvalidInputError(problem, remedy="Correct the file") from None


def _strict_loader(yaml: Any) -> Any:
    """PyYAML's safe loader keeps the last of two equal keys; what was written first would be lost in silence."""

    class Strict(yaml.SafeLoader):
        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            pairs = node.value if isinstance(node, yaml.MappingNode) else ()
            keys = [key for key, _ in pairs if isinstance(key, yaml.ScalarNode)]
            names = [key.value for key in keys]
            twice = next((key for place, key in enumerate(keys) if key.value in names[:place]), None)
            if twice is not None:
                problem = f"the key {twice.value} is there twice"
                raise yaml.constructor.ConstructorError(None, None, problem, twice.start_mark)
            return super().construct_mapping(node, deep)

    return Strict
