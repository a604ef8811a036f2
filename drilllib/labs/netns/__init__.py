"""The real-packet lab: a cloud of Linux namespaces where the kernel decides, and real clients ask."""
