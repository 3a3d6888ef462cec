"""The web page: one file per pane, drawing as pure functions, no business logic in handlers."""
