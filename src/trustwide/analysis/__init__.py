"""The science: plain Python and numpy, no web and no database."""
