"""``python -m dailies``."""

from dailies.cli.main import main

main()
