"""The panes of the page: from what a visitor does to what is shown."""
