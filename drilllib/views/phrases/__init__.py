"""Every sentence that a person reads, by code and language. Begin with catalog.py (`say`)."""
