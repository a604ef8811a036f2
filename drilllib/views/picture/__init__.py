"""The path as a picture: scene.py says what is in it, layout.py where, svg.py and graphviz.py draw it."""
