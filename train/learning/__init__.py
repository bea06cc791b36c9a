"""How a network learns: what it is fed, epoch after epoch, into a run folder that survives a kill."""
