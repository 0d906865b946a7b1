"""How the shipped classification model is made: `python -m training` (or `make model`)."""
