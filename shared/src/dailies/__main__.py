"""``python -m dailies``."""

import signal

# Ctrl-C during the imports ends the process as it ends any other, and not with a traceback; ``main`` has its own way.
_handler = signal.signal(signal.SIGINT, signal.SIG_DFL)

from dailies.cli.main import main  # noqa: E402 - see above

signal.signal(signal.SIGINT, _handler)
main()
