"""Settings, the index of the site and the `trustwide` command."""
