"""`python -m drilllib` is the `drill` command."""

import sys

from drilllib.cli import main

sys.exit(main())
