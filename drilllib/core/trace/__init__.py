"""What happens to one request, hop by hop, and what does the client see?

Imports core.facts, core.rules and core.snapshot. Begin with request.py (`trace`), then walker.py and gates.py.
local_facts.py has what a walk may know of a node or a pod, classes.py sorts those that are alike.
answer.py and path.py are what comes out; codes.py names every reason and assumption; curl.py is the client's view.
"""
