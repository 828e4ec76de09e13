"""People from HR's files: read, judged, shown, and only then written."""
