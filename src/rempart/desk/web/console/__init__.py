"""The staff's door: queue, item, notices, directory, figures."""
