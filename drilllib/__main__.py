"""`python -m drilllib` is the `drill` command."""

import sys

from drilllib.machine.python import forget_folder

forget_folder()  # before anything else is imported

from drilllib.cli import main  # noqa: E402  only now is it imported from our own folder

sys.exit(main())
