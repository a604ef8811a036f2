"""Labels of rules in the kernel's tables that are no policy of a group."""

OPEN = "open"  # an interface without groups
DENY = "deny"  # the implicit deny
PASSED = "passed to target"
PROBE = "probe"  # a health check that is let in unasked
LOCAL = "to a pod of the node"
NO_ENDPOINTS = "no endpoints"
NO_LOCAL_ENDPOINT = "no local endpoint"
