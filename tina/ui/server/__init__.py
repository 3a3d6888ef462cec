"""What stands behind the page: loaded checkpoints, work in the background, limits, links, the API."""
