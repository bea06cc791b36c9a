"""The float network a conversion starts from, and the pictures it is shown."""
