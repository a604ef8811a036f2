"""What the kernels saw of one request, hop by hop.

Begin with story.py; nft_trace.py reads the kernel's trace messages.
"""
