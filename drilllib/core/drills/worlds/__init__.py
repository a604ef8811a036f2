"""Practice's worlds: a drill, a seed and a level make one snapshot, one ticket and its causes. Begin with `world`."""
