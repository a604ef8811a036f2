"""
The drill in a cluster of the user's: what it is made of, made and removed again. `drill up`, `drill down`, `drill ls`.

Whatever is made carries the drill's id as a tag or a label and is journalled before; nothing else is removed.
"""
