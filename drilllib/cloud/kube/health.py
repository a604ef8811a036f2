"""What the API server says of its own health: /healthz, /livez and /readyz, and each check by its name."""

PLACES = ("healthz", "livez", "readyz")
CHECKS = ("ping", "log", "etcd")


def healthy(path: str, *, verbose: bool) -> str | None:
    """The text at a path; None where it is none of health. All is well as long as there is an answer."""
    place, _, check = path.removeprefix("/").partition("/")
    if place not in PLACES or (check and check not in CHECKS):
        return None
    if check or not verbose:
        return "ok"
    return "".join(f"[+]{each} ok\n" for each in CHECKS) + f"{place} check passed\n"
