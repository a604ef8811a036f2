"""A study with a class: a test before and after, events without names, what they say."""
