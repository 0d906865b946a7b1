"""`python -m amends`."""

from amends.site.cli import main

main()
