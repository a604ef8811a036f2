"""What the kernel saw of one request, told hop by hop.

Begin with story.py; nft_trace.py reads the kernel's trace messages.
"""
