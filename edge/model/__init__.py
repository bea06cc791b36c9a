"""A verified bundle, the runtime it runs on, and the scores it gives each face."""
