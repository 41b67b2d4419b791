"""`python -m bot` is `saeulenbot`."""

from bot.cli import main

main()
