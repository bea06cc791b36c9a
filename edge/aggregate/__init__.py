"""From faces to a class: windows add up and forget, the gate decides what may be told, the record says it."""
