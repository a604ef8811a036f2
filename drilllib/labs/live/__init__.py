"""The live lab: a drill played on a real cluster, whose groups are changed by guarded writes only."""
