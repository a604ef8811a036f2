"""A class: who is in it, what is set, what is handed out and in, and the grades of all of it."""
