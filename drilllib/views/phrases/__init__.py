"""Every sentence that a person reads, by key and language. Begin with catalog.py (`say`)."""
