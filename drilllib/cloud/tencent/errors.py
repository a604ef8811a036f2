"""
The cloud's refusals: the vendor's codes, word for word. Programs go by the code; the wording of messages is ours.

Codes: the vendor's list of common error codes, and those that its definitions list for each action.
"""


class ApiError(Exception):
    """The answer to a request that is refused: HTTP 200 with *code* and *message*. It never leaves this package."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


def missing(name: str) -> ApiError:
    """A required parameter is not there."""
    return ApiError("MissingParameter", f"The request is missing a required parameter `{name}`.")


def malformed(name: str, value: object, code: str = "InvalidParameterValue.Malformed") -> ApiError:
    """The value of *name*, an id or a block, is not written as it has to be."""
    return ApiError(code, f"The value `{value}` of the parameter `{name}` is malformed.")


def not_found(what: str, name: str, code: str = "ResourceNotFound") -> ApiError:
    """There is no *what* called *name*."""
    return ApiError(code, f"The {what} `{name}` does not exist.")


def together(first: str, second: str) -> ApiError:
    """Two parameters that exclude each other were both given."""
    return ApiError("InvalidParameter.Coexist", f"The parameters `{first}` and `{second}` cannot be given together.")


def left_out(what: str) -> ApiError:
    """The vendor has it and this stand-in has not; refused, so that it never looks as if it had worked."""
    return ApiError("UnsupportedOperation", f"The cloud on this machine does not model {what}.")
