"""`python -m trustwide` is the `trustwide` command."""

import sys

from trustwide.config.cli import main

sys.exit(main())
