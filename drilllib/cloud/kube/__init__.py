"""The Kubernetes half of the local cloud: what kubectl and the Python client ask for, and the controllers behind it."""
