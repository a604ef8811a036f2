"""The path as a picture: scene.py has its content, layout.py the positions, svg.py and graphviz.py draw it."""
