"""What a notebook displays beside the text: the same rows as tables, legible in both themes and without eyes."""
