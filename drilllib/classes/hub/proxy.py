"""
The proxy of a class's hub, which is JupyterHub's in Python: `python -m drilllib.classes.hub.proxy ARGUMENT...`.

As it comes it passes on ten requests at a time and waits 20 s for an answer: while a class signs in at once, others
would be told 503.
"""

from configurable_http_proxy.cli import main as serve
from tornado.httpclient import AsyncHTTPClient

AT_ONCE = 1000  # requests; how long it waits for an answer is an argument, --proxy-timeout in milliseconds


def main() -> None:
    """Be the proxy."""
    AsyncHTTPClient.configure(None, max_clients=AT_ONCE)
    serve()


if __name__ == "__main__":
    main()
