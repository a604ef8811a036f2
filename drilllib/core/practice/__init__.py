"""Practice: what a look shows, what looks tell apart, and the grade of an attempt from its log. Begin with `grade`."""
