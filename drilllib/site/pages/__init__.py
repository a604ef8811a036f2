"""Pages to read: the landing page, lessons and documents, search, and the engineer's tool. Begin with build.py."""
