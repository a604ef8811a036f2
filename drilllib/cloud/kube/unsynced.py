"""What the service controller says where it cannot follow a Service."""


class UnsyncedError(Exception):
    """What a Service asks for cannot be had; the message goes into an Event, and the CLB stays as it is."""
