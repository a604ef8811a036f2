"""Places where a drill is played. They never import each other."""
