"""``python -m rempart`` is the ``rempart`` command."""

import sys

from rempart.cli import main

sys.exit(main())
