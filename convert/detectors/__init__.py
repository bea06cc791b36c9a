"""Face detectors out of published packages, made into bundles."""
