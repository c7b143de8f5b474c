"""Pages that span services: home, navigation, search."""
