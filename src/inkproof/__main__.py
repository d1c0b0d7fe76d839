"""`python -m inkproof` is `inkproof`."""

from inkproof.cli.main import main

main()
