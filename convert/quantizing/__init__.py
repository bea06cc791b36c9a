"""From floats to the number format a device wants, with as little lost as can be."""
