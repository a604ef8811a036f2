"""A stand-in for Tencent Cloud and its Kubernetes on this machine: the same APIs, answered from a snapshot."""
